import Glibc
import InterlockHooks
import InterlockHostSettings
import InterlockTesting
import Testing

/// Each file of `Golden` has the bytes of all files of one host at one location. INTERLOCK_UPDATE_GOLDEN=1 rewrites them;
/// read the difference before committing it.
@Suite struct `Golden files of host settings` {
    private static let root = TestFiles.root(from: #filePath) + "/Tests/HostSettingsTests/Golden"

    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let settings: HostSettings
    }

    static var cases: [Case] {
        get throws {
            let hidden = ["*.pem", ".env*", ".ssh"]
            let machine = HostSettings.Location.machine(
                gateway: "http://127.0.0.1:7400/mcp", hidden: hidden)
            let run = HostSettings.Location.run(model: "http://127.0.0.1:3128/model/main")
            var cases: [Case] = []
            for host in HookHost.allCases {
                cases.append(
                    Case(description: "\(host.rawValue)-run", settings: try .init(host, run)))
                for scope in HostSettingsScope.allCases {
                    cases.append(
                        Case(
                            description: "\(host.rawValue)-\(scope.rawValue)",
                            settings: try .init(host, machine, scope: scope)))
                }
            }
            cases.append(
                Case(
                    description: "claude-code-drop-in",
                    settings: try .init(.claudeCode, machine, isDropIn: true)))
            return cases
        }
    }

    @Test func `the files have exact bytes`() throws {
        for one in try Self.cases {
            let made = one.settings.files.map { file in
                "==> \(file.path)\n" + String(decoding: file.content, as: UTF8.self)
            }.joined()
            let path = "\(Self.root)/\(one.description).txt"
            if unsafe getenv("INTERLOCK_UPDATE_GOLDEN") != nil {
                try TestFiles.write(made, to: path)
            } else {
                let kept = TestFiles.read(path).map { String(decoding: $0, as: UTF8.self) }
                #expect(made == kept, "\(path)")
            }
        }
        let names = Set(try Self.cases.map { "\($0.description).txt" })
        #expect(Set(TestFiles.list(Self.root).map(Self.name)) == names)
    }

    private static func name(_ path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }
}
