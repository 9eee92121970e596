package folder

// fields lists pointers to a struct's fields in the order of their array. Source: spec/folder.md, spec/device.md.

func (z *Credential) fields() []any {
	return []any{&z.Version, &z.Identity, &z.Device, &z.Name, &z.Signature, &z.Member}
}

func (z *deviceClaim) fields() []any {
	return []any{&z.Identity, &z.Device, &z.Name}
}

func (z *manifest) fields() []any {
	return []any{&z.Version, &z.Folder, &z.Number, nest(z.Person.fields()), many(&z.Keys, (*sectionKey).fields), many(&z.Grants, (*manifestGrant).fields), many(&z.Writers, (*manifestWriter).fields)}
}

func (z *person) fields() []any {
	return []any{&z.Name, &z.Born}
}

func (z *sectionKey) fields() []any {
	return []any{&z.Section, &z.K, &z.A, &z.Scope, &z.Replaces}
}

func (z *manifestGrant) fields() []any {
	return []any{&z.Chain, &z.Nonce, &z.Generation, &z.G, &z.Reader, &z.Recipient, &z.Name, &z.Device, &z.Guest, &z.Sections, &z.Records, &z.Rights, &z.Expiry, &z.State, &z.SinceMS, &z.StoppedMS, &z.Purpose}
}

func (z *manifestWriter) fields() []any {
	return []any{&z.Chain, &z.Credential, &z.Own, &z.Session, &z.Head, &z.Cut, &z.Erase}
}

func (z *deviceSealed) fields() []any {
	return []any{&z.Seals, &z.Box}
}

func (z *deviceBody) fields() []any {
	return []any{&z.Version, &z.Name, many(&z.Devices, (*deviceEntry).fields), many(&z.Folders, (*folderEntry).fields), &z.Owners, &z.Secrets, &z.NextKit}
}

func (z *deviceEntry) fields() []any {
	return []any{&z.Name, &z.Key, &z.Recipient}
}

func (z *folderEntry) fields() []any {
	return []any{&z.ID, &z.Writers}
}

func (z *vaultBody) fields() []any {
	return []any{&z.Version, &z.X, &z.Name, &z.Born, &z.Owners, &z.Secrets, &z.Identity, &z.IdentitySeed, &z.Folder, &z.Kit, &z.NextKit, &z.Leaves, &z.Saved, &z.Claim}
}

func (z *earlierVault) fields() []any {
	all := (*vaultBody)(z).fields()
	return all[:len(all)-1]
}

func (z *deviceState) fields() []any {
	return []any{&z.Version, &z.Counter, many(&z.Writers, (*writerState).fields), &z.Dismissed, &z.DrillMS}
}

func (z *earlierState) fields() []any {
	all := (*deviceState)(z).fields()
	return all[:len(all)-1]
}

func (z *stock) fields() []any {
	return []any{&z.Version, many(&z.Passes, (*pass).fields)}
}

func (z *pass) fields() []any {
	return []any{&z.For, &z.Counter, &z.Nonce, &z.Generation, &z.Key, &z.Admission}
}

func (z *writerState) fields() []any {
	return []any{&z.Folder, &z.Counter, &z.Chain, &z.Session, &z.StartMS, &z.Secrets, &z.Grant, &z.Frozen, &z.JoinedMS, &z.Identity}
}

func (z *indexEntry) fields() []any {
	return []any{&z.ID, &z.Kind, &z.Section, &z.Type, &z.Date, &z.Label, &z.Words, &z.TimeMS, &z.Author, &z.Guest, &z.Own, &z.Source, &z.Size, &z.SHA256, &z.Refs, &z.Says, &z.Reason, &z.Released, &z.Refused, &z.FileName, &z.Failed, &z.Blob}
}

func (z *hello) fields() []any {
	return []any{&z.Version, &z.Role, &z.Genesis, &z.Recipient, &z.Name, &z.Nonce, &z.Credential}
}

func (z *deviceHello) fields() []any {
	return []any{&z.Version, &z.Role, &z.Device, &z.Recipient, &z.Name, &z.Nonce}
}

func (z *linkResult) fields() []any {
	return []any{&z.Identity, &z.Device, &z.NextKit, &z.Leaves, &z.Claim}
}

func (z *sharePair) fields() []any {
	return []any{&z.Record, &z.R}
}

func (z *shareBody) fields() []any {
	return []any{many(&z.Pairs, (*sharePair).fields), &z.Refused}
}

func (z *meetResult) fields() []any {
	return []any{&z.Grant, &z.Block}
}

func (z *keptMeeting) fields() []any {
	return []any{&z.Room, &z.Secret, &z.Base, &z.Host, &z.Hello, &z.Commit, &z.Peer, &z.Step, &z.PeerSaid, &z.Result, &z.Left, &z.PeerLeft, &z.StartMS}
}

func (z *meetingEntry) fields() []any {
	return []any{&z.Version, nest(z.Meeting.fields()), &z.Code, nest(z.Terms.fields()), &z.Grant, &z.Genesis, &z.Counter, &z.Failed, &z.Hidden}
}

func (z *Terms) fields() []any {
	return []any{&z.Sections, &z.Records, &z.UntilMS, &z.LastsMS, &z.CanWrite, &z.Purpose}
}

func (z *outboxMark) fields() []any {
	return []any{&z.State, &z.AtMS, &z.IDs}
}

func (z *reasonBody) fields() []any {
	return []any{&z.Mode, &z.Preset, &z.Text}
}

func (z *archiveInfo) fields() []any {
	return []any{&z.Version, &z.Net, &z.Identity, &z.MadeMS, &z.Blocks, &z.Blobs}
}

func (z *backupMark) fields() []any {
	return []any{&z.MadeMS, &z.ReadMS, &z.Records}
}
