import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockReview
import InterlockTrust

/// Measures how long it takes to draw the sample of a review from a log in memory, hashing of leaves included
/// (docs/specs/trust-and-review.md, section 12: 1,000,000 records in less than 5 s on one core).
///
///     bench-review [RECORDS]
///
/// Prints one JSON object.
@main
enum ReviewBench {
    private static let chunk = 10_000
    private static let start: Int64 = 1_795_169_700_000_000
    /// The records of one run: its start, four records of each of twelve calls, and its end.
    private static let perRun = 50

    static func main() throws {
        let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
        let hashing = OpenSSLHashing()
        let begin = Timestamp(microseconds: start)
        guard let period = ReviewPeriod(from: begin, to: begin + .seconds(30 * 86_400)),
            let agent = AgentName("refunds"),
            let seed = SampleSeed(
                root: hashing.sha256([1]), random: [UInt8](repeating: 7, count: 32), hashing)
        else { throw Misuse.world }
        var population = ReviewPopulation(
            scope: .org, period: period, seed: seed,
            agents: [SampledAgent(name: agent, tier: .high, stage: .full)], senders: [],
            hashing: hashing)
        var time = Duration.zero
        var index = 0
        var intent = hashing.sha256([0])
        while index < count {
            // The text of the records is not a part of the measure.
            let texts = (index..<min(index + chunk, count)).map { place -> [UInt8] in
                let text = record(place, intent)
                let bytes = Array(text.utf8)
                if place % perRun % 4 == 1 {
                    intent = Leaf(stored: bytes, hashing: hashing).hash
                }
                return bytes
            }
            let before = ContinuousClock.now
            for (offset, bytes) in texts.enumerated() {
                population.add(
                    Leaf(stored: bytes, hashing: hashing), index: UInt64(index + offset))
            }
            time += ContinuousClock.now - before
            index += texts.count
        }
        let before = ContinuousClock.now
        let sample = try population.sample(
            checkpoint: SampleCheckpoint(
                origin: "bench", size: UInt64(count), root: hashing.sha256([1])),
            random: [UInt8](repeating: 7, count: 32))
        time += ContinuousClock.now - before
        let found: JSONObject = [
            "calls": .integer(Int64(sample.strata.reduce(0) { $0 + $1.population })),
            "ms": .integer(time.microseconds / 1_000), "records": .integer(Int64(count)),
            "sampled": .integer(Int64(sample.strata.reduce(0) { $0 + $1.records.count })),
        ]
        print(String(decoding: JSONValue.object(found).serialized(), as: UTF8.self))
    }

    private enum Misuse: Error { case world }

    /// One record, in canonical form.
    private static func record(_ place: Int, _ intent: Digest) -> String {
        let (run, part) = (place / perRun, place % perRun)
        let text = "01kag0q9v4x2m7c8d3e5f\(10_000 + run % 90_000)"
        let head = "{\"agent\":\"refunds\","
        let tail = "\"ts\":\(start + Int64(place)),\"v\":1}"
        let chain = "\"node\":\"gw1\",\"prev\":\"\(intent.base64)\""
        let inRun = "\"rs\":\(part),\"run\":\"\(text)\""
        let about =
            "\"appr\":\"a\(part / 4)\",\"call\":\"c\(part / 4)\",\"intent\":\"\(intent.base64)\""
        if part == 0 { return "\(head)\(chain),\(inRun),\"t\":\"run.start\",\(tail)" }
        if part == perRun - 1 { return "\(head)\(chain),\(inRun),\"t\":\"run.end\",\(tail)" }
        switch part % 4 {
        case 1:
            let risk = part % 3 == 0 ? "read" : "write"
            return
                "\(head)\"call\":\"c\(part / 4)\",\"dec\":\"approve\",\(chain),\"risk\":\"\(risk)\","
                + "\(inRun),\"t\":\"call.intent\",\"tool\":\"pay__refund\",\(tail)"
        case 2: return "\(head)\(about),\(chain),\(inRun),\"t\":\"approval.requested\",\(tail)"
        case 3: return "\(head)\(about),\(chain),\(inRun),\"t\":\"approval.granted\",\(tail)"
        default: return "\(head)\(about),\(chain),\(inRun),\"t\":\"call.outcome\",\(tail)"
        }
    }
}
