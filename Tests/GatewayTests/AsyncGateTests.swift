import InterlockModel
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct AsyncGateTests {
    /// A record of what tasks did, shared between them.
    private final class Trace: Sendable {
        private let state = Mutex<(order: [Int], inside: [Int: Int])>(([], [:]))

        var order: [Int] { state.withLock(\.order) }
        func add(_ number: Int) { state.withLock { $0.order.append(number) } }
        func enter(_ key: Int) -> Int {
            state.withLock { state in
                let count = (state.inside[key] ?? 0) + 1
                state.inside[key] = count
                return count
            }
        }
        func leave(_ key: Int) { state.withLock { $0.inside[key, default: 0] -= 1 } }
    }

    @Test func `one key admits one task at a time, in order, and different keys do not wait`()
        async throws
    {
        let gates = AsyncGates<Int>()
        let trace = Trace()
        await gates.enter(1)
        await gates.enter(2)
        #expect(!gates.tryEnter(1))
        #expect(gates.tryEnter(3))
        var tasks: [Task<Void, Never>] = []
        for number in 0..<8 {
            let task = Task {
                await gates.enter(1)
                trace.add(number)
                gates.leave(1)
            }
            tasks.append(task)
            _ = await until { gates.waiting(at: 1) == number + 1 }
        }
        #expect(trace.order.isEmpty)
        gates.leave(1)
        for task in tasks { await task.value }
        #expect(trace.order == Array(0..<8))
        #expect(gates.count == 2)
        gates.leave(2)
        gates.leave(3)
        #expect(gates.count == 0, "a gate that nobody holds is removed")
    }

    @Test func `many tasks at few gates leave none behind, and none is in beside another`()
        async throws
    {
        let gates = AsyncGates<Int>()
        let trace = Trace()
        await withTaskGroup { group in
            for task in 0..<400 {
                group.addTask {
                    let key = task % 7
                    await gates.enter(key)
                    let count = trace.enter(key)
                    #expect(count == 1)
                    await Task.yield()
                    trace.leave(key)
                    gates.leave(key)
                }
            }
        }
        #expect(gates.count == 0)
    }
}
