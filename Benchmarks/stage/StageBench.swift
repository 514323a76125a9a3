import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockTransport

@testable import InterlockAdministration
@testable import InterlockGovernor

/// Measures the cost of the approval stage for a call that needs no approval, and of such a whole call in process.
///
///     bench-stage
///
/// Everything runs as calls do in `serve`: in one task on one event loop, so that timed code never changes threads. The
/// time of an empty stage, called in the same way, is subtracted from the stage's. The whole call uses an audit log
/// that stores nothing and a server that responds at once: with a disk and a network the stage's share is smaller
/// still. Prints one JSON object.
@main
enum StageBench {
    static let rounds = 25
    static let stageCalls = 50_000
    static let wholeCalls = 2_000

    static func main() async throws {
        let loops = LoopGroup(count: 1)
        let found = try await Task(executorPreference: loops.next()) { try await measured() }.value
        print(String(decoding: JSONValue.object(found).serialized(), as: UTF8.self))
        loops.stop()
    }

    private static func measured() async throws -> JSONObject {
        let caller = try await StageCaller.open(try StageWorld())
        let stage = try await StageLoop(caller)
        var stages: [Double] = []
        var empties: [Double] = []
        var wholes: [Double] = []
        for _ in 0..<rounds {
            empties.append(await stage.nanosecondsEmpty(stageCalls))
            stages.append(await stage.nanoseconds(stageCalls))
            for _ in 0..<wholeCalls { wholes.append(try await caller.call()) }
        }
        let empty = median(empties)
        let kill = try await KillBench.measured(caller)
        let limits = try await LimitBench.measured(caller)
        let gate = try await GateLookupBench.measured()
        return [
            "kill": .object(kill), "limits": .object(limits), "gate": .object(gate),
            "stage_ns": .integer(Int64((median(stages) - empty).rounded())),
            "empty_stage_ns": .integer(Int64(empty.rounded())),
            "call_p50_ns": .integer(Int64(median(wholes).rounded())),
        ]
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
