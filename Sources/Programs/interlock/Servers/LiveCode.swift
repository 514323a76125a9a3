import InterlockAdministration
import InterlockGovernor
import InterlockKeys
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSandbox

/// What the command of a stdio server leads to now, as far as it can be found out.
enum LiveCode: Equatable {
    case known(ProgramCode)
    /// It cannot be pinned, and nothing of it is checked before a start; one sentence.
    case unknown(String)

    var known: ProgramCode? {
        guard case .known(let code) = self else { return nil }
        return code
    }

    /// Reads files, which takes as long as they are large.
    ///
    /// - Returns: nil for a server that is no program here.
    init?(of server: ServerEntry) {
        guard case .stdio(let argv) = server.connect else { return nil }
        let environment =
            UpstreamWiring.childEnvironment + server.variables.plain.map { ($0.key, $0.value) }
        do throws(LaunchFailure) {
            self = .known(
                try CodeReader(hashing: OpenSSLHashing()).read(
                    argv, environment, in: server.sandboxWrite.first ?? "/"))
        } catch {
            self = .unknown(error.reason)
        }
    }

    /// What was written while a server was asked is not what answered.
    func unchanged(since before: LiveCode?) -> LiveCode {
        guard case .known = self, before != self else { return self }
        return .unknown("it was written while the server was asked")
    }
}

extension LockedServer {
    /// What people should know of its code; nil for nothing.
    var caveat: String? {
        guard case .program(let program) = origin else { return nil }
        return CodeReader.caveat(of: program.argv)
    }
}
