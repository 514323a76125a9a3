import CLinux
import Glibc
import InterlockDoctor
import InterlockHooks
import InterlockModel
import InterlockTransport

/// Asks whether anything answers at the address that the hook uses. No event is sent.
enum GatewayReading {
    private static let patience = Duration.seconds(5)

    static func ask(_ file: FileFacts) -> DoctorFacts.Gateway {
        guard case .bytes(let bytes) = file.content,
            let endpoint = try? HookEndpoint(parsing: bytes)
        else { return .notAsked }
        switch endpoint {
        case .socket(let path):
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                return .failed("there is no socket `\(path)` for this user")
            }
            return ask(.unix(path: path), HookEndpoint.socketPath, owner: status.st_uid)
        case .route(let port, let path):
            return ask(.tcp(host: "127.0.0.1", port: port), path, owner: nil)
        }
    }

    /// Any response counts: which requests a user may make is decided for each of them.
    private static func ask(
        _ address: LocalClient.Address, _ path: String, owner: uid_t?
    ) -> DoctorFacts.Gateway {
        do throws(LocalFailure) {
            _ = try LocalClient(address, patience: patience).send("GET", path)
            return .answers(owner: owner)
        } catch { return .failed(error.description) }
    }
}
