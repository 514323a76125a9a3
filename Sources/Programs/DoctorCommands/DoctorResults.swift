import InterlockCommandLine
import InterlockDoctor
import InterlockHooks
import InterlockHostSettings
import InterlockTransport

/// Tells the gateway what was found, one result for each host. The gateway knows the user by the connection.
enum DoctorResults {
    private static let patience = Duration.seconds(5)
    /// The most bytes of an explanation that are shown.
    private static let longestLine = 300

    /// Durable on return, or a line on standard error for the first host of which the gateway does not take the result. Inside
    /// a run nothing is sent: no host there asks for it.
    ///
    /// - Parameter isProbeAhead: true if the host is started next, which its policy helper allows for a short time.
    static func report(_ reports: [DoctorReport], isProbeAhead: Bool) {
        let file = FileReading.facts(HookPaths.endpoint, limit: HookEndpoint.limitBytes)
        guard case .bytes(let bytes) = file.content,
            case .socket(let path)? = try? HookEndpoint(parsing: bytes)
        else { return }
        let client = LocalClient(.unix(path: path), patience: patience)
        for report in reports {
            let outcome = DoctorReport.outcome(of: [report])
            let isProbing = isProbeAhead && outcome == .good
            let result = DoctorResult(
                host: report.host, state: isProbing ? .probing : .finished(outcome))
            var cause: String?
            do throws(LocalFailure) {
                let answer = try client.send(
                    "POST", DoctorResult.path, headers: [("content-type", "application/json")],
                    body: result.wire)
                switch answer.head.status {
                case 201: break
                // The verdict about a user of no agent.
                case 200: cause = "it takes none of this user"
                default: cause = line(of: answer.body)
                }
            } catch { cause = error.description }
            if let cause {
                return Output.error(
                    "interlock: the gateway did not keep this result: \(TerminalEscaping.shown(cause))"
                )
            }
        }
    }

    /// The gateway's own explanation, which is one line.
    private static func line(of body: [UInt8]) -> String {
        let line = body.prefix(longestLine).prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self)
    }
}
