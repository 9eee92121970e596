module github.com/anamnesis-health/anamnesis

go 1.26
