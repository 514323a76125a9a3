import Glibc
package import InterlockCommandLine
import InterlockCredentials
import InterlockHooks
import InterlockHostSettings
import InterlockJSON
import InterlockModel
import InterlockTransport

extension Command {
    package static let hookPolicyHelper = Command(
        "hook policy-helper", "print the managed settings if a session may start",
        example: "interlock hook policy-helper",
        options: [
            Option(
                HookPaths.policyHelperForDoctor,
                "leave out the host's version and the last result of doctor, which doctor is about to make"
            )
        ],
        exits: [.no],
        notes: """
            Claude Code starts it, by the link that `hook install` makes, before each session and as its user. It asks the \
            gateway whether the user's agent is halted, whether people signed the policy in force, and for the last result of \
            `interlock doctor`, which must be `good` and at most 24 hours old. The version that Claude Code states must be a \
            tested one. Then it prints the settings that are installed. Any doubt is exit 1 with one line on standard error, \
            and Claude Code then refuses to start.
            """
    ) { invocation in PolicyHelper.run(isOfDoctor: invocation.has("for-doctor")) }
}

/// The policy helper of Claude Code (docs/specs/coding-agents.md, section 6).
package enum PolicyHelper {
    /// The whole time of the helper, below the five seconds that the settings give it.
    private static let deadlineSeconds: UInt32 = 4
    private static let patience = Duration.seconds(3)

    /// The variable in which Claude Code states its version. It replaces one of its own environment and of settings of the
    /// user (`test_claude_code_facts.py`).
    private static let versionVariable = "CLAUDE_CODE_VERSION"

    /// Returns the words of the command line: those of this command if the program was started by its link.
    package static func words(of arguments: [String]) -> [String] {
        let name = arguments.first?.split(separator: "/").last ?? ""
        let words = Array(arguments.dropFirst())
        guard name.utf8.elementsEqual(HookPaths.policyHelperName.utf8) else { return words }
        // A host that gives arguments of its own must not get another answer for them.
        return ["hook", "policy-helper"] + (words == [HookPaths.policyHelperForDoctor] ? words : [])
    }

    static func run(isOfDoctor: Bool) -> Exit {
        // A file system or a gateway that does not answer ends the process by a signal, which is no success either.
        signal(SIGALRM, SIG_DFL)
        alarm(deadlineSeconds)
        do throws(Failure) {
            let rules = HostStartRules(.claudeCode, version: environment(versionVariable))
            if let refusal = rules.refusal(try status(), isOfDoctor: isOfDoctor) {
                throw Failure(.no, refusal.description)
            }
            var settings = try installed()
            settings["policyHelper"] = nil
            let answer: JSONObject = ["managedSettings": .object(settings)]
            Output.bytes(answer.serialized() + [UInt8(ascii: "\n")])
            return .ok
        } catch {
            Output.error("interlock: the session must not start: \(error.message)")
            return .no
        }
    }

    private static func status() throws(Failure) -> HostStatus {
        let bytes = try ofRoot(HookPaths.endpoint, limit: HookEndpoint.limitBytes)
        guard case .socket(let path)? = try? HookEndpoint(parsing: bytes) else {
            throw Failure(.no, "`\(HookPaths.endpoint)` names no socket")
        }
        let answer: (head: ResponseHead, body: [UInt8])
        do throws(LocalFailure) {
            answer = try LocalClient(.unix(path: path), patience: patience).send(
                "POST", HostStatus.path, headers: [("content-type", "application/json")])
        } catch { throw Failure(.no, "the gateway does not answer: \(error)") }
        guard answer.head.status == 200, let status = try? HostStatus(parsing: answer.body) else {
            throw Failure(.no, "the gateway knows no agent of this user")
        }
        return status
    }

    /// Returns the settings that an installation wrote, unless they were changed since.
    private static func installed() throws(Failure) -> JSONObject {
        let bytes = try ofRoot(HookPaths.installed, limit: InstalledFiles.limitBytes)
        let list: InstalledFiles
        do throws(FormError) { list = try InstalledFiles(parsing: bytes) } catch {
            throw Failure(.no, "`\(HookPaths.installed)`: \(error)")
        }
        let paths = [HookHost.claudeCode.hooksPath(.managed), HookHost.claudeCode.dropInPath]
        guard let path = paths.compactMap(\.self).first(where: { list[$0] != nil }) else {
            throw Failure(.no, "no managed settings of Claude Code are installed")
        }
        let content = try ofRoot(path, limit: 1 << 20)
        guard list.has(path, OpenSSLHashing().sha256(content)) else {
            throw Failure(.no, "`\(path)` was changed since it was installed")
        }
        let value = try? JSONValue(
            parsing: content, limits: JSONLimits(depth: 16, bytes: 1 << 20))
        guard let settings = value?.object, settings["hooks"] != nil else {
            throw Failure(.no, "`\(path)` has no hooks")
        }
        return settings
    }

    /// Reads a file that only root can have written.
    private static func ofRoot(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        try TrustedPath.checkIsOfRoot(path)
        do throws(FileFailure) {
            return try File.readRegular(path, limit: limit, followsLink: false)
        } catch { throw Failure(.no, error.message) }
    }
}
