import InterlockPorts
import Testing

@testable import InterlockSandbox

/// The records that the supervisor writes for the launcher, and its status (Sources/C/CLaunch/include/CLaunch.h).
@Suite struct `The launcher's records` {
    @Test func `a record is its length, its tag and its payload, little-endian`() throws {
        var records = LaunchRecords()
        #expect(records.bytes == [4, 0, 0, 0, 1, 0, 1, 0, 0, 0])
        let bytes = try records.finish()
        #expect(bytes == [4, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0])
        #expect(LaunchRecords.bytes(UInt32(0x0102_0304)) == [4, 3, 2, 1])
        #expect(try LaunchRecords.string("/ab") == [3, 0, 0x2f, 0x61, 0x62])
    }

    @Test func `a specification has every part in order`() throws {
        let sandbox = AgentSandbox(
            run: "r1", wall: .seconds(2), limits: [.openFiles(8)],
            tree: [.bind(source: "/a", target: "/b", isWritable: false, isExecutable: true)],
            directory: "/b", command: ["x", ""])
        let expected: [[UInt8]] = [
            [4, 0, 0, 0, 1, 0, 1, 0, 0, 0], [1, 0, 0, 0, 10, 0, 0], [1, 0, 0, 0, 11, 0, 0],
            [1, 0, 0, 0, 12, 0, 0], [2, 0, 0, 0, 13, 0, 0x72, 0x31],
            [8, 0, 0, 0, 20, 0, 0xd0, 7, 0, 0, 0, 0, 0, 0],
            [9, 0, 0, 0, 22, 0, 2, 8, 0, 0, 0, 0, 0, 0, 0],
            [9, 0, 0, 0, 30, 0, 0, 2, 0, 0x2f, 0x61, 2, 0, 0x2f, 0x62],
            [2, 0, 0, 0, 40, 0, 0x2f, 0x62], [1, 0, 0, 0, 41, 0, 0x78], [0, 0, 0, 0, 41, 0],
            [0, 0, 0, 0, 2, 0],
        ]
        let bytes = try sandbox.specification()
        #expect(bytes == expected.flatMap(\.self))
    }

    @Test func `a terminal and a cgroup are records`() throws {
        var sandbox = AgentSandbox(
            run: "r1", wall: nil, limits: [], tree: [], directory: "/", command: ["x"])
        let plain = try sandbox.specification()
        sandbox.hasTerminal = true
        sandbox.cgroup = []
        let bytes = try sandbox.specification()
        #expect(bytes.count == plain.count + 12)
        #expect(bytes.suffix(12).elementsEqual([0, 0, 0, 0, 42, 0, 0, 0, 0, 0, 2, 0]))
    }

    @Test func `zero bytes, names without a name and too much are refused`() {
        func refuses(_ work: () throws(LaunchFailure) -> Void) -> Bool {
            do throws(LaunchFailure) { try work() } catch { return true }
            return false
        }
        let sandbox = { (word: String) in
            AgentSandbox(run: "r", wall: nil, limits: [], tree: [], directory: "/", command: [word])
        }
        #expect(refuses { () throws(LaunchFailure) in _ = try sandbox("a\0b").specification() })
        let long = String(repeating: "a", count: 1 << 20)
        #expect(refuses { () throws(LaunchFailure) in _ = try sandbox(long).specification() })
        for (name, value) in [("", "v"), ("A=B", "v"), ("A", "v\0"), ("A\0", "v")] {
            let environment = AgentEnvironment(variables: [(name, value)])
            #expect(refuses { () throws(LaunchFailure) in _ = try environment.records() })
        }
    }

    @Test(arguments: [
        ("started 7", LaunchStatus.started(landlock: 7)), ("checked 0", .checked(landlock: 0)),
        (
            "refused no-landlock landlock 95",
            .refused(reason: "no-landlock", step: "landlock", errno: 95)
        ),
        ("failed mount-proc 1", .failed(step: "mount-proc", errno: 1)),
        ("peak 1024", .peak(1024)), ("not-executed 13", .notExecuted(errno: 13)),
        ("ended exited 0", .exited(0)),
        ("ended killed 9", .signalled(9)), ("ended wall 0", .wall), ("ended lifeline 0", .lifeline),
    ])
    func `each line of the status is understood`(_ line: String, _ expected: LaunchStatus) {
        #expect(LaunchStatus(line) == expected)
    }

    @Test(arguments: [
        "", " ", "started", "started -1", "started x", "started 1 2", "ended exited 256",
        "ended killed 0", "ended killed 65", "ended slept 0", "failed Mount 1", "failed  1",
        "refused a b", "peak", "peak -1", "exited 0", "started 99999999999",
    ])
    func `another line is a failure`(_ line: String) {
        #expect(LaunchStatus(line) == nil)
        var reader = LaunchStatusReader()
        let found = reader.read(Array("started 1\n\(line)\nended exited 0\n".utf8))
        #expect(found.count == 1)
        #expect(reader.isBroken)
    }

    @Test func `lines arrive in parts, and an endless one is a failure`() {
        var reader = LaunchStatusReader()
        let parts = ["star", "ted 2\nended", " exited 4\n"].map { reader.read(Array($0.utf8)) }
        #expect(parts == [[], [.started(landlock: 2)], [.exited(4)]])
        #expect(!reader.isBroken)
        _ = reader.read([UInt8](repeating: 0x61, count: 200))
        #expect(reader.isBroken)
    }
}
