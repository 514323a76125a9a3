import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSandbox

/// The program files that the command of a stdio server resolves to now, as far as they can be determined.
enum LiveCode: Equatable {
    /// The code is known.
    ///
    /// - Parameter whole: the code as locks of earlier versions have it, with the caches of Python in its digests.
    case known(ProgramCode, whole: ProgramCode)
    /// The code cannot be pinned and is not checked before a start, for this reason (one sentence).
    case unknown(String)

    var known: ProgramCode? {
        guard case .known(let code, _) = self else { return nil }
        return code
    }

    /// Returns the code for the lock: the reviewed one if the live code is as reviewed. Otherwise it is the live code
    /// without its caches, which are then not used: people cannot see whether they are those of the new code.
    func kept(beside old: ProgramCode?) -> ProgramCode? {
        guard case .known(let code, let whole) = self else { return nil }
        guard let old else { return code }
        return old.withoutCaches == code.withoutCaches || old == whole ? old : code.withoutCaches
    }

    /// Reads the files, so the time depends on their size.
    ///
    /// - Returns: nil if the server is not a local program.
    init?(of server: ServerEntry) {
        guard case .stdio(let argv) = server.connect else { return nil }
        let environment =
            UpstreamWiring.childEnvironment + server.variables.plain.map { ($0.key, $0.value) }
        do throws(LaunchFailure) {
            let read = try CodeReader(hashing: OpenSSLHashing()).read(
                argv, environment, in: server.sandboxWrite.first ?? "/")
            self = .known(read.code, whole: read.whole)
        } catch { self = .unknown(error.reason) }
    }

    /// Returns `unknown` if the code differs from `before`: files that changed during the query may not be those that
    /// responded.
    func unchanged(since before: LiveCode?) -> LiveCode {
        guard case .known = self, before != self else { return self }
        return .unknown("it was written while the server was asked")
    }
}

extension LockedServer {
    /// A caution about its code for people. Is nil if no caution applies.
    var caveat: String? {
        guard case .program(let program) = origin else { return nil }
        return CodeReader.caveat(of: program.argv)
    }
}
