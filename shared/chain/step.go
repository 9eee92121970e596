package chain

// StepState is what became of one step of a check: nothing is shown as true that was not checked.
type StepState string

// The states of a step.
const (
	StepOK      StepState = "ok"
	StepFailed  StepState = "failed"
	StepUnknown StepState = "unknown"
)

// Step is one step of a check, as it went. Code says why it failed or is not known; Detail is for technical details.
type Step struct {
	Name   string
	State  StepState
	Code   string
	Detail string
}

// Steps is a check in its order: after a failure nothing further was looked at.
type Steps []Step

// Failed gives the step that failed, if one did.
func (s Steps) Failed() (Step, bool) {
	for _, x := range s {
		if x.State == StepFailed {
			return x, true
		}
	}
	return Step{}, false
}

// Known says whether every step named was checked and held.
func (s Steps) Known(names ...string) bool {
	held := 0
	for _, x := range s {
		for _, name := range names {
			if x.Name == name && x.State == StepOK {
				held++
			}
		}
	}
	return held == len(names)
}
