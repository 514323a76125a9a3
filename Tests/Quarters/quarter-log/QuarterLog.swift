import InterlockJSON
import InterlockModel

/// Continues the log of a stopped deployment with a simulated span of time, by the ledger's own writer under a clock that
/// jumps ahead. Reads one JSON object on standard input (`QuarterPlan`), and prints one with the size of the log.
@main enum QuarterLog {
    static func main() async throws {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        let json = try JSONValue(
            parsing: Array(text.utf8), limits: JSONLimits(bytes: QuarterPlan.largest))
        let plan = try QuarterPlan(json)
        let log = try SimulatedLog(plan)
        let organisation = SimulatedOrganisation(plan, log)
        try await organisation.live()
        let size = log.size
        log.close()
        let said: JSONValue = [
            "size": .integer(Int64(clamping: size)),
            "runs": .integer(Int64(organisation.runs)),
        ]
        print(String(decoding: said.serialized(), as: UTF8.self))
    }
}
