import Glibc
import InterlockPorts
import Testing

@testable import InterlockSandbox

/// The cgroup of a run (docs/specs/sandbox.md, section 9), by a file system that is a table.
@Suite struct `Cgroups of runs` {
    private static let scope = "/user.slice/run.scope"

    private func found(_ files: FakeCgroups) -> DelegatedCgroup? {
        do throws(DelegatedCgroup.Absence) {
            return try DelegatedCgroup(files, process: 7)
        } catch { return nil }
    }

    private var alone: FakeCgroups {
        FakeCgroups(own: Self.scope, processes: [Self.scope: "7\n"], delegated: [Self.scope])
    }

    @Test func `a scope that was delegated to this process alone is used, from a leaf of it`()
        throws
    {
        let files = alone
        let place = try #require(found(files))
        #expect(place.folder == FakeCgroups.mount + Self.scope && place.mustMove)
        #expect(place.controllers == [.cpu, .memory, .pids] && files.written.isEmpty)
        let prepared = try place.prepared(files, process: 7)
        #expect(prepared.controllers == [.cpu, .memory, .pids] && !prepared.mustMove)
        #expect(
            files.written == [
                "interlock-supervisor-7/cgroup.procs 7", "run.scope/cgroup.subtree_control +cpu",
                "run.scope/cgroup.subtree_control +memory",
                "run.scope/cgroup.subtree_control +pids",
            ])
    }

    @Test func `the cgroup above is used if it was delegated and has no processes`() throws {
        let processes = ["/tree": "", "/tree/own": "7\n8\n"]
        let place = try #require(
            found(FakeCgroups(own: "/tree/own", processes: processes, delegated: ["/tree"])))
        #expect(place.folder == FakeCgroups.mount + "/tree" && !place.mustMove)
        let busy = ["/tree": "9\n", "/tree/own": "7\n8\n"]
        #expect(found(FakeCgroups(own: "/tree/own", processes: busy, delegated: ["/tree"])) == nil)
        let slice = ["/app.slice": "", "/app.slice/own": "7\n8\n"]
        #expect(
            found(FakeCgroups(own: "/app.slice/own", processes: slice, delegated: ["/app.slice"]))
                == nil)
        #expect(found(FakeCgroups(own: "/tree/own", processes: processes)) == nil)
    }

    @Test func `what is not a whole cgroup v2 is none`() {
        let files = alone
        for (path, text) in [
            ("/proc/self/cgroup", "4:memory:/x\n"), ("/proc/self/cgroup", "0::/../x\n"),
            ("/proc/self/mountinfo", "29 22 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw\n"),
            ("/proc/self/mountinfo", "29 22 0:26 /part /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
            ("/proc/self/mountinfo", "-\n"),
        ] {
            let before = files.read(path) ?? ""
            files.set(path, text)
            #expect(found(files) == nil, "\(text)")
            files.set(path, before)
        }
        #expect(found(files) != nil)
    }

    @Test func `limits are set before a process starts inside, or nothing starts`() throws {
        let files = alone
        let place = try #require(found(files)).prepared(files, process: 7)
        let limits = CgroupLimits(cpu: 2, memory: 1 << 30, pids: 64)
        let before = files.written.count
        let cgroup = try RunCgroup(in: place, run: "r", limits, files)
        #expect(cgroup.descriptor >= 0)
        #expect(
            Array(files.written.dropFirst(before)) == [
                "interlock-r/cpu.max 200000 100000", "interlock-r/memory.max 1073741824",
                "interlock-r/memory.swap.max 0", "interlock-r/memory.oom.group 1",
                "interlock-r/pids.max 64",
            ])
        let path = place.folder + "/interlock-s"
        files.refuse(path + "/memory.swap.max", ENOENT)
        _ = try RunCgroup(in: place, run: "s", limits, files)
        files.refuse(place.folder + "/interlock-t/memory.max", EINVAL)
        #expect(throws: LaunchFailure.self) {
            _ = try RunCgroup(in: place, run: "t", limits, files)
        }
        #expect(files.read(place.folder + "/interlock-t") == nil)
    }

    @Test func `its use is read, its processes are killed, and it is removed`() throws {
        let files = alone
        let place = try #require(found(files)).prepared(files, process: 7)
        let cgroup = try RunCgroup(
            in: place, run: "r", CgroupLimits(cpu: 1, memory: 1 << 20, pids: 4), files)
        let path = place.folder + "/interlock-r"
        #expect(cgroup.usage == CgroupUsage())
        files.set(path + "/memory.peak", "4096\n")
        files.set(path + "/cpu.stat", "usage_usec 250\nuser_usec 200\n")
        files.set(path + "/memory.events", "low 0\noom 2\noom_kill 3\noom_group_kill 1\n")
        files.set(path + "/pids.events", "max 5\n")
        files.set(path + "/cgroup.procs", "11\n12\n")
        #expect(
            cgroup.usage
                == CgroupUsage(
                    peakMemory: 4096, processorTime: 250, memoryKills: 3, refusedProcesses: 5))
        #expect(cgroup.processes == 2)
        cgroup.kill()
        #expect(files.written.last == "interlock-r/cgroup.kill 1")
        cgroup.remove()
        #expect(files.read(path) == nil)
    }
}
