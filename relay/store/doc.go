// Package store holds nothing itself: its folders are the relay's stores, one for each engine, and storetest, the one
// suite that all of them pass. It promises one schema in spirit and refuses engines that answer before they sync.
package store
