import CLinux
import Glibc
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockDoctor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

/// The newest events of hooks in the log of a deployment that this user can read.
struct LastEvents {
    private let deployment: Result<Deployment, Failure>?

    init(_ invocation: Invocation) {
        guard Deployment.isNamed(invocation) else {
            deployment = nil
            return
        }
        do throws(Failure) { deployment = .success(try Deployment.open(invocation)) } catch {
            deployment = .failure(error)
        }
    }

    /// The address of the gateway for agents, as the deployment's configuration has it.
    var agentPlane: String? { try? deployment?.get().configuration.agentPlane }

    /// The holder of the log's key, as the configuration and the owners of files say.
    var logKey: DoctorFacts.LogKey {
        switch deployment {
        case nil: return .notAsked
        case .failure(let failure): return .failed(failure.message)
        case .success(let deployment):
            let setting = deployment.configuration.ledger.signer
            guard !setting.isEmpty else { return .gateway }
            let path = deployment.resolve(setting)
            guard let owner = Self.owner(of: path) else {
                return .failed("there is no socket `\(path)` for this user")
            }
            guard let gateway = Self.owner(of: deployment.state) else {
                return .failed("`\(deployment.state)` cannot be read")
            }
            // Only the gateway's user is answered.
            let status = try? SignerClient(path: path).status()
            return .signer(
                owner: owner, gateway: gateway, wasTreeDamaged: status?.wasTreeDamaged ?? false)
        }
    }

    private static func owner(of path: String) -> UInt32? {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        return found.st_uid
    }

    /// The most records of one type that are read.
    private static let limit = 100

    /// The rows of the index say where to look; the records themselves are not proved, and nothing depends on them but a
    /// line for people.
    func last(of host: HookHost) -> DoctorFacts.LastEvent {
        switch deployment {
        case nil: return .notAsked
        case .failure(let failure): return .failed(failure.message)
        case .success(let deployment):
            do {
                let newest = try newest(of: host, in: deployment)
                guard let newest else { return .none }
                return .before(.microseconds(max(0, SystemClock().now.wall.microseconds - newest)))
            } catch let failure as IndexFailure { return .failed(failure.reason) } catch {
                return .failed("the log cannot be read")
            }
        }
    }

    /// - Returns: microseconds since 1970.
    private func newest(of host: HookHost, in deployment: Deployment) throws -> Int64? {
        let hashing = OpenSSLHashing()
        let index = try LogIndex(reading: deployment.index, hashing: hashing)
        let reader = LedgerReader(
            directory: deployment.ledger, payloads: deployment.payloads, hashing: hashing)
        var newest: Int64?
        for type in [RecordType.hookSession, .hookCall, .callIntent, .callDenied] {
            var filter = RecordFilter()
            filter.type = type.rawValue
            for hit in try index.search(filter, limit: Self.limit) {
                guard let record = try reader.entry(at: hit.index)?.record,
                    record.object["host"]?.string == host.rawValue,
                    let time = record.object["ts"]?.integer
                else { continue }
                newest = max(newest ?? 0, time)
                break
            }
        }
        return newest
    }
}
