import InterlockCredentials
import InterlockJSON
import InterlockModel
package import InterlockPorts
import Synchronization

/// The program's own log on standard error: text, or one JSON object per line if `log.format` says so.
package enum ProgramLog {
    private static let json = Atomic(false)

    package static var isJSON: Bool {
        get { json.load(ordering: .relaxed) }
        set { json.store(newValue, ordering: .relaxed) }
    }

    package static func write(_ line: LogLine) {
        guard isJSON else { return Output.error("interlock: " + line.message) }
        let object: JSONValue = [
            "time": .string(SystemClock().now.wall.rfc3339(fractionDigits: 3)),
            "level": .string(line.level.rawValue), "part": .string(line.part),
            "message": .string(line.message),
        ]
        Output.error(String(decoding: object.serialized(), as: UTF8.self))
    }

    /// Logs the failure that ends the program.
    package static func write(_ failure: Failure) {
        guard isJSON else {
            Output.error(
                TerminalStyle.error.emphasized("interlock:", .red) + " " + failure.message)
            if let help = failure.help { Output.error("  help: \(help)") }
            return
        }
        let help = failure.help.map { " (\($0))" } ?? ""
        write(LogLine(failure.message + help, .error, part: "serve"))
    }
}

/// Writes one line of the program's own log.
package func log(_ line: LogLine) { ProgramLog.write(line) }

package func log(_ message: String, _ level: LogLine.Level = .info, part: String) {
    ProgramLog.write(LogLine(message, level, part: part))
}
