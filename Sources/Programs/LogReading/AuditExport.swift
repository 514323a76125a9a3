import InterlockAdministration
package import InterlockCommandLine
import InterlockDeployment
package import InterlockEvidence
package import InterlockJSON

/// The record `export.made`, which comes before anything of the log is shown to a person.
package enum AuditExport {
    /// Returns when the running gateway has made the record durable; from files that were named with
    /// `--log` nothing is recorded. Call it when it is known what will be shown, and before showing it.
    /// - Parameters:
    ///   - count: records that will be shown.
    ///   - query: what was asked for, as a payload of the record.
    /// - Throws: exit 69 when no gateway runs or the log takes no record: nothing may be shown then.
    package static func record(
        kind: ExportKind, count: Int, query: JSONObject, from log: AuditLog
    ) throws(Failure) {
        guard let deployment = log.watched else { return }
        do throws(Failure) {
            _ = try GatewayClient(deployment).post(
                "/v1/exports",
                ["kind": .string(kind.rawValue), "n": .count(count), "query": .object(query)])
        } catch {
            throw Failure(
                error.exit,
                error.exit == .unavailable
                    ? "nothing is shown that cannot be recorded: \(error.message)" : error.message,
                help:
                    "start `interlock serve`, or read the files: `--log \(deployment.ledger) --vkey KEY`"
            )
        }
    }
}

extension Invocation {
    /// The words and options of the command, but for where it reads: the query of `export.made`.
    package var query: JSONObject {
        var object: JSONObject = [:]
        if !positional.isEmpty { object["arguments"] = .strings(positional) }
        for option in command.options where has(option.name) && !Self.places.contains(option.name) {
            object[option.name] =
                option.value == nil
                ? true
                : option.isRepeatable
                    ? .strings(all(option.name))
                    : self[option.name].map(JSONValue.string)
        }
        return object
    }

    private static let places: Set<String> = ["dir", "log", "vkey", "trust", "json"]
}
