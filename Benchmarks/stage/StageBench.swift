import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy

@testable import InterlockGateway

/// What the approval stage costs a call that needs no approval, beside what a whole such call costs in process.
///
///     bench-stage
///
/// The whole call has an audit log that keeps nothing and a server that answers at once: with a disk and a
/// network the stage's share is smaller still. Prints one JSON object.
@main
enum StageBench {
    static let rounds = 15
    static let stageCalls = 50_000
    static let wholeCalls = 2_000

    static func main() async throws {
        let world = try StageWorld()
        let caller = try await StageCaller.open(world)
        let recorded = try await caller.recorded()
        let pipeline = world.pipeline
        var stages: [Double] = []
        var nothings: [Double] = []
        var wholes: [Double] = []
        for _ in 0..<rounds {
            nothings.append(await each(stageCalls) { await nothing(recorded) })
            stages.append(
                await each(stageCalls) {
                    let passed = await pipeline.awaitApproval(recorded, caller.caller)
                    guard case .success(let call) = passed else { return 0 }
                    return call.grant == nil ? 1 : 0
                })
            for _ in 0..<wholeCalls { wholes.append(try await caller.call()) }
        }
        let stage = median(stages) - median(nothings)
        let whole = median(wholes)
        let result: JSONObject = [
            "stage_ns": .integer(Int64(stage.rounded())),
            "call_p50_ns": .integer(Int64(whole.rounded())),
        ]
        print(String(decoding: JSONValue.object(result).serialized(), as: UTF8.self))
    }

    /// The stage as it would be if it did nothing.
    @inline(never) private static func nothing(_ recorded: RecordedCall) async -> Int {
        recorded.decided.decision.verdict == .allow ? 1 : 0
    }

    /// Nanoseconds for each, of which all must have gone on.
    private static func each(_ times: Int, _ body: () async -> Int) async -> Double {
        var passed = 0
        let took = await ContinuousClock().measure {
            for _ in 0..<times { passed += await body() }
        }
        precondition(passed == times, "a call was not let through")
        return took.nanoseconds / Double(times)
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }
}

extension Duration {
    var nanoseconds: Double {
        Double(components.seconds) * 1e9 + Double(components.attoseconds) / 1e9
    }
}

enum Misuse: Error {
    case world
    case refused(String)
}
