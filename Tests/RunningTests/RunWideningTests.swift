import InterlockModel
import InterlockSandbox
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

/// The options that add to a policy, and the limits that a machine keeps (docs/specs/sandbox.md, sections 8, 9 and 11).
@Suite struct `What a command line and a machine add` {
    private func reason(_ work: () throws(RunRefusal) -> Void) -> String? {
        do throws(RunRefusal) {
            try work()
            return nil
        } catch { return error.outcome.reason }
    }

    @Test func `only a policy that permits it is widened`() throws {
        let widening = try RunWidening(allow: ["api.example.com:443"], read: ["/opt/tools"])
        var settings = SandboxSettings.isolated
        let refused = reason { () throws(RunRefusal) in try widening.add(to: &settings) }
        #expect(refused == "widening" && settings == .isolated)
        settings.mayBeWidened = true
        settings.read = ["/opt/a"]
        try widening.add(to: &settings)
        #expect(settings.egress == [EgressSpec(host: "api.example.com")])
        #expect(settings.read == ["/opt/a", "/opt/tools"])
    }

    @Test func `a rule of the policy stays as it is`() throws {
        var settings = SandboxSettings.isolated
        settings.mayBeWidened = true
        let own = EgressSpec(host: "api.example.com", maxBytesUp: 1024)
        settings.egress = [own]
        try RunWidening(allow: ["api.example.com:443"], read: []).add(to: &settings)
        #expect(settings.egress == [own])
    }

    @Test(arguments: [
        "api.example.com", "api.example.com:", "api.example.com:0", "api.example.com:65536",
        "API.example.com:443", "127.0.0.1:443", "*.example.com:443", ":443", "a b:443",
        "api.example.com:+44", "[::1]:443",
    ])
    func `an address in another form is refused`(_ text: String) {
        let refused = reason { () throws(RunRefusal) in
            _ = try RunWidening(allow: [text], read: [])
        }
        #expect(refused == "usage")
    }

    @Test(arguments: ["/", "/home", "/home/ada", "/home/ada/.ssh", "/proc/1", "opt", "/a/../b"])
    func `a path that no sandbox shows is refused`(_ path: String) {
        let refused = reason { () throws(RunRefusal) in
            _ = try RunWidening(allow: [], read: [path])
        }
        #expect(refused == "read")
    }

    @Test func `a machine without a cgroup keeps no limit of all processes`() throws {
        let limits = SandboxSettings.isolated.limits
        let plan = try RunCgroupPlan(limits, isTrial: true, files: NoCgroups(), process: 7)
        #expect(plan.kept.isEmpty && plan.degradation == "no-cgroup" && plan.lines == nil)
        var settings = RunSettings(.isolated)
        settings.take(plan)
        #expect(settings.degradedLimits == ["cpu", "memory"] && settings.cgroup == nil)
        var required = limits
        required.requiresCgroup = true
        let refused = reason { () throws(RunRefusal) in
            _ = try RunCgroupPlan(required, isTrial: true, files: NoCgroups(), process: 7)
        }
        #expect(refused == "no-cgroup")
    }
}

/// A machine that mounts no cgroup v2.
private struct NoCgroups: CgroupFiles {
    func read(_ path: String) -> String? { nil }
    func write(_ text: String, to path: String) -> Int32 { 2 }
    func makeFolder(_ path: String) -> Int32 { 2 }
    func removeFolder(_ path: String) -> Int32 { 2 }
    func isWritable(_ path: String) -> Bool { false }
    func open(_ path: String) -> Int32 { -1 }
}
