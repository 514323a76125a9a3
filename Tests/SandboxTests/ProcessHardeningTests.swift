import CLinux
import Glibc
import InterlockSandbox
import Testing

struct ProcessHardeningTests {
    @Test func `an undumpable process closes its memory to its own user`() async {
        await #expect(processExitsWith: .exitCode(3)) {
            // Root passes every check, so the process gives up root first; that alone makes it undumpable, which is
            // reversed.
            if geteuid() == 0 { guard setuid(40_001) == 0 else { exit(1) } }
            guard interlock_set_dumpable(1) == 0 else { exit(1) }
            guard owner(memory) == geteuid() else { exit(2) }
            try ProcessHardening.makeUndumpable()
            exit(owner(memory) == 0 ? 3 : 4)
        }
    }

    @Test func `a process that holds a key leaves no core file`() async {
        await #expect(processExitsWith: .exitCode(3)) {
            if geteuid() == 0 { guard setuid(40_001) == 0 else { exit(1) } }
            guard interlock_set_dumpable(1) == 0 else { exit(1) }
            try ProcessHardening.makeUnreadable()
            var limit = rlimit()
            guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else {
                exit(2)
            }
            exit(limit.rlim_max == 0 && owner(memory) == 0 ? 3 : 4)
        }
    }
}

/// The test does not use `/proc/self`: the main thread of a test program has ended, and keeps its old identity.
private let memory = "/proc/thread-self/mem"

private func owner(_ path: String) -> uid_t {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_uid : .max
}
