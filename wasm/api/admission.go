package api

import "github.com/anamnesis-health/anamnesis/shared/folder"

var admittances = map[folder.Admittance]string{
	folder.AdmittanceUnknown: "unknown", folder.AdmittanceOpen: "open", folder.AdmittanceClosed: "closed",
}

func (c *Core) admission(taken int) Admission {
	v := c.engine.Admission()
	out := Admission{Grants: v.Grants, Devices: v.Devices, Asked: []string{}, Taken: taken}
	for _, k := range v.Asked {
		out.Asked = append(out.Asked, k.String())
	}
	return out
}

func (c *Core) askAdmission(Empty) (Admission, error) {
	_, err := c.engine.AskAdmission()
	return c.admission(0), err
}

func (c *Core) takeAdmissions(a AdmissionTakeArgs) (Admission, error) {
	n, err := c.engine.TakeAdmissions(a.Text)
	return c.admission(n), err
}
