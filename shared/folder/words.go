package folder

import (
	"sort"
	"strings"
)

const (
	wordBits  = 11
	wordCount = 1 << wordBits
	// wordEnough letters name a word: no two of the list share them.
	wordEnough = 4
)

// packWords gives n words for the first 11n bits of b, highest first.
func packWords(b []byte, n int) []string {
	list := strings.Fields(english)
	words := make([]string, n)
	for i := range words {
		index := 0
		for bit := i * wordBits; bit < (i+1)*wordBits; bit++ {
			index = index<<1 | int(b[bit/8]>>(7-bit%8)&1)
		}
		words[i] = list[index]
	}
	return words
}

// unpackWords reads exactly n words into the first 11n bits of a slice of ⌈11n/8⌉ bytes. If it cannot,
// place is the first word that is wrong, missing or too much, counted from 1; else 0. Case and the amount
// of white space do not matter; four letters or more of a word stand for it.
func unpackWords(text string, n int) (b []byte, place int) {
	list := strings.Fields(english)
	given := strings.Fields(strings.ToLower(text))
	b = make([]byte, (n*wordBits+7)/8)
	for i, word := range given {
		index := sort.SearchStrings(list, word)
		if i == n || index == wordCount || !namesWord(word, list[index]) {
			return nil, i + 1
		}
		for k := range wordBits {
			bit := i*wordBits + k
			b[bit/8] |= byte(index>>(wordBits-1-k)&1) << (7 - bit%8)
		}
	}
	if len(given) < n {
		return nil, len(given) + 1
	}
	return b, 0
}

func namesWord(typed, word string) bool {
	return typed == word || (len(typed) >= wordEnough && strings.HasPrefix(word, typed))
}
