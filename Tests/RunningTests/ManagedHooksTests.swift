import Glibc
import InterlockJSON
import InterlockSandbox
import InterlockTesting
import Testing

@testable import InterlockRunning

/// The hooks of a sandbox, compared before a session is resumed (docs/specs/coding-agents.md, section 8).
@Suite struct ManagedHooksTests {
    private static let settings = "/etc/claude-code/managed-settings.json"

    private static func text(
        command: String = "/run/interlock/interlock-hook claude-code",
        onFailure: String = "block", isManagedOnly: Bool = true
    ) -> JSONValue {
        [
            "allowManagedHooksOnly": .bool(isManagedOnly),
            "hooks": [
                "PreToolUse": [
                    [
                        "matcher": "*",
                        "hooks": [
                            [
                                "type": "command", "command": .string(command), "timeout": 30,
                                "onFailure": .string(onFailure),
                            ]
                        ],
                    ]
                ]
            ],
        ]
    }

    private static func sandbox(
        _ settings: JSONValue? = text(), adapter: String, mode: UInt32 = 0o444
    ) -> AgentSandbox {
        var tree: [SandboxTreeStep] = [
            .bind(source: "/usr", target: "/usr", isWritable: false, isExecutable: true),
            .bind(
                source: adapter, target: "/run/interlock/interlock-hook", isWritable: false,
                isExecutable: true),
            .file(target: "/etc/passwd", mode: 0o644, content: []),
        ]
        if let settings {
            tree.append(.file(target: Self.settings, mode: mode, content: settings.serialized()))
        }
        return AgentSandbox(
            run: "r", wall: nil, limits: [], tree: tree, directory: "/workspace",
            command: ["claude"])
    }

    private func reason(_ sandbox: AgentSandbox) -> String? {
        do throws(RunRefusal) {
            _ = try ManagedHooks(of: sandbox)
            return nil
        } catch { return "\(error.outcome.code) \(error.outcome.reason)" }
    }

    private func makeFolder() throws -> String {
        var template = Array("/tmp/interlock-managed-hooks-XXXXXX".utf8CString)
        _ = unsafe try #require(mkdtemp(&template))
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func remove(_ folder: String) {
        _ = unsafe unlink(folder + "/interlock-hook")
        _ = unsafe rmdir(folder)
    }

    private func write(_ text: String, _ path: String) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o755)
        defer { close(file) }
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.write(file, bytes, bytes.count)
        #expect(count == bytes.count)
    }

    @Test(.requirement("R063"))
    func `the same files have the same value, and each change another`() throws {
        let folder = try makeFolder()
        defer { remove(folder) }
        let adapter = folder + "/interlock-hook"
        write("the adapter", adapter)
        let hooks = try ManagedHooks(of: Self.sandbox(adapter: adapter))
        #expect(try ManagedHooks(of: Self.sandbox(adapter: adapter)) == hooks)
        #expect(try ManagedHooks(of: Self.sandbox(adapter: adapter, mode: 0o644)) != hooks)
        let other = Self.text(command: "/run/interlock/interlock-hook codex")
        #expect(try ManagedHooks(of: Self.sandbox(other, adapter: adapter)) != hooks)
        write("another", adapter)
        #expect(try ManagedHooks(of: Self.sandbox(adapter: adapter)) != hooks)
        let isRemoved = unsafe unlink(adapter) == 0
        #expect(isRemoved)
        #expect(reason(Self.sandbox(adapter: adapter)) == "77 hooks")
        let isLinked = unsafe symlink("/bin/true", adapter) == 0
        #expect(isLinked)
        #expect(reason(Self.sandbox(adapter: adapter)) == "77 hooks")
    }

    @Test func `settings that let a tool run without its hook are none`() throws {
        let folder = try makeFolder()
        defer { remove(folder) }
        let adapter = folder + "/interlock-hook"
        write("the adapter", adapter)
        for settings: JSONValue? in [
            nil, [:], ["hooks": ["PreToolUse": []]], Self.text(onFailure: "allow"),
            Self.text(isManagedOnly: false), Self.text(command: "interlock-hook claude-code"),
            Self.text(command: ""), Self.text(command: "/opt/hook"),
        ] { #expect(reason(Self.sandbox(settings, adapter: adapter)) == "77 hooks") }
    }
}
