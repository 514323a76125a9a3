import InterlockGovernor
import Testing

@testable import InterlockGatewayBench

@Suite struct `The first quiet second after a load` {
    private func seconds(_ requests: [Int]) -> [Bool] {
        var quiet = QuietAfterLoad()
        var all = 0
        return requests.map { new in
            all += new
            return quiet.begins(requests: all)
        }
    }

    @Test func `comes once, when the load is over`() {
        #expect(seconds([600, 600, 10, 0, 0]) == [false, false, true, false, false])
    }

    @Test func `does not come while calls arrive, or after few`() {
        #expect(seconds([600, 600, 11, 11]) == [false, false, false, false])
        #expect(seconds([999, 0, 0]) == [false, false, false])
    }

    @Test func `comes again after another load, and few calls add up`() {
        let second = seconds([1000, 0, 500, 500] + Array(repeating: 0, count: 60))
        #expect(second.indices.filter { second[$0] } == [1, 61], "a minute after the first")
        #expect(seconds(Array(repeating: 10, count: 100)).last == true)
    }
}
