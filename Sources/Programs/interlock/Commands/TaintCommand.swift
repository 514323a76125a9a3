import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let safetyTaint = Command(
        "safety taint RUN", "show whether an open run has read untrusted content",
        example: "interlock safety taint 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [.directory, .json], exits: [.notFound, .unavailable],
        notes: """
            Prints the level of the run and the reads that raised it, with server, tool and time. The level never falls.
            Server and tool are not known of a call before the last start of the gateway.
            """
    ) { invocation in
        let text = invocation.positional[0]
        guard let run = RunID(text) else {
            throw Failure(.usage, "invalid run id `\(TerminalEscaping.shown(text))`")
        }
        let taint = try invocation.gateway().get("/v1/runs/\(run.text)/taint")
        let sources = (taint["sources"]?.array ?? []).map { source in
            let place = [source["server"]?.string, source["tool"]?.string].compactMap { $0 }
            let name =
                place.isEmpty ? "an untrusted source" : place.joined(separator: ".")
            let kinds = source["markers"]?.array?.compactMap(\.string) ?? []
            let time = source["at"]?.string ?? "-"
            if let cause = source["cause"]?.string.flatMap({ TaintCause(rawValue: $0) }) {
                let run = source["from"]?.string.map { ", run \($0)" } ?? ""
                return "  \(cause.words)\(run), at \(time)"
            }
            return
                "  \(name) at \(time) in call \(source["call"]?.string ?? "-")"
                + (kinds.isEmpty ? "" : ", with \(kinds.joined(separator: ", "))")
        }
        let lines = ["\(run.text): \(taint["level"]?.string ?? "-")"] + sources
        return invocation.print(taint, lines.joined(separator: "\n"))
    }
}
