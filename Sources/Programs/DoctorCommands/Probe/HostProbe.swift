import InterlockCommandLine
import InterlockCredentials
import InterlockDoctor
import InterlockHooks
import InterlockModel
import InterlockTransport

/// Runs the real host as this user against a scripted model: once as it is, and once after settings of its user and project
/// were rewritten. Its events reach the gateway as those of this user's agent.
enum HostProbe {
    /// The time of one session: an approval that no one answers takes 20 s, of which a session has one for each call.
    private static let patience = Duration.seconds(90)

    static func run(of host: HookHost, _ user: DoctorFacts.User) -> ProbeFacts {
        guard host == .claudeCode else {
            return .notTested("a model for this host is not scripted")
        }
        guard user.id != 0 else {
            return .impossible("what root's host does says nothing of another user's")
        }
        guard user.isRootMapped else {
            return .impossible("inside a run the managed settings fix the address of the model")
        }
        guard let program = Child.path(of: host.program) else {
            return .impossible("the host's program is not in PATH")
        }
        do throws(Failure) {
            var sessions: [ProbeSession] = []
            for isRewritten in [false, true] {
                sessions.append(try session(of: program, isRewritten: isRewritten))
            }
            return .ran(sessions)
        } catch { return .impossible(error.message) }
    }

    private static func session(
        of program: String, isRewritten: Bool
    ) throws(Failure) -> ProbeSession {
        let folder = try ProbeFolder(isRewritten: isRewritten)
        defer { folder.remove() }
        let key = "interlock-probe-" + Hex.encode(SystemEntropy().bytes(16))
        let model = ProbeModelServer(folder.script, key: key)
        let words =
            ["/bin/sh", "-c", "cd -- \"$1\" && shift && exec \"$@\"", "sh", folder.project]
            + [program, "-p", folder.script.prompt, "--output-format", "json", "--allowedTools"]
            + ProbeScript.tools + (isRewritten ? HostileSettings.words : [])
        do throws(ListenFailure) {
            let end = try model.whileServing { url in
                ProgramTrial.run(
                    words, within: patience,
                    environment: variables(folder, model: url, key: key))
            }
            return ProbeSession(
                isRewritten: isRewritten, end: end, hasMarker: folder.hasMarker,
                transcript: model.transcript)
        } catch { throw Failure(.unavailable, "the model has no port: \(error.reason)") }
    }

    /// The whole environment of the host: of this user's, only where programs are. Nothing leads it to the user's settings,
    /// to another model or to a proxy.
    private static func variables(
        _ folder: ProbeFolder, model url: String, key: String
    ) -> [String] {
        [
            "PATH=\(environment("PATH") ?? "/usr/bin:/bin")", "SHELL=/bin/bash", "TERM=dumb",
            "LANG=C.UTF-8", "HOME=\(folder.home)", "TMPDIR=\(folder.temporary)",
            "CLAUDE_CODE_TMPDIR=\(folder.temporary)", "ANTHROPIC_BASE_URL=\(url)",
            "ANTHROPIC_API_KEY=\(key)", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
            "DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1", "DISABLE_ERROR_REPORTING=1",
        ]
    }
}
