// Package sim is the seeded world that tests run in: disks that lose power, clocks that jump, networks that
// reorder. The same seed gives the same run. Nothing outside tests imports it.
//
//	disk := sim.NewMemDisk()
//	log, err := folder.OpenLog(disk, net, each)
//	disk = disk.Crash(rand.New(rand.NewPCG(seed, 0)))
package sim
