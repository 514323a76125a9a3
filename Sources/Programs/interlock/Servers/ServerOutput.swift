import InterlockModel
import InterlockTransport
import Synchronization

/// The news of servers that a command asks, kept out of its own output: only the last line that the program of a server
/// wrote is shown, and only if the server did not answer.
final class ServerOutput: Sendable {
    private let lines = Mutex<[ServerName: String]>([:])
    /// The most characters of a line that are shown.
    private static let longest = 300

    /// - Returns: true if the event is not news of its own: the command says itself which servers answered.
    func take(_ event: UpstreamEvent) -> Bool {
        switch event {
        case .stderr(let server, _, let line):
            // Control characters are points by now.
            if line.contains(where: { $0 != " " && $0 != "." }) {
                lines.withLock { $0[server] = String(line.prefix(Self.longest)) }
            }
            return true
        case .connected, .failed, .exited: return true
        case .toolsChanged, .quarantined: return false
        }
    }

    /// Returns the reason for which a server did not answer, with the last line of its program and how to see all.
    func reason(_ reason: String, of server: ServerName) -> String {
        guard let line = lines.withLock({ $0[server] }) else { return reason }
        return "\(reason); the last line of its program: `\(line)`; start it by hand to see all"
    }
}
