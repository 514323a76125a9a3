import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench

/// The delay of the log's index.
struct IndexLagTests {
    @Test func `an index that stays behind what the log had half a minute ago is late`() {
        var lag = IndexLag()
        for second in 0..<30 {
            lag.look(
                size: 100 + UInt64(second), indexed: 40,
                at: BootTime(microseconds: Int64(second) * 1_000_000))
            #expect(lag.missing == 0, "\(second)")
        }
        lag.look(size: 200, indexed: 40, at: BootTime(microseconds: 30_000_000))
        #expect(lag.missing == 60)
        lag.look(size: 300, indexed: 150, at: BootTime(microseconds: 31_000_000))
        #expect(lag.missing == 0, "it has what the log had then")
    }

    @Test func `an index that is always a little behind a busy log is not late`() {
        var lag = IndexLag()
        for second in 0..<600 {
            let size = UInt64(second) * 1000
            lag.look(
                size: size, indexed: size > 5000 ? size - 5000 : 0,
                at: BootTime(microseconds: Int64(second) * 1_000_000))
            #expect(lag.missing == 0)
        }
    }
}
