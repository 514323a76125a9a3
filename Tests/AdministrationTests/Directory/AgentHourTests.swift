import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

struct AgentHourTests {
    private func at(_ minutes: Int64) -> BootTime { BootTime(microseconds: minutes * 60_000_000) }

    @Test func `what is older than an hour counts no more`() throws {
        let (clerk, reader) = (try #require(AgentName("clerk")), try #require(AgentName("reader")))
        func refused(_ count: Int64) -> CallCounts { CallCounts(refused: count) }
        var hour = AgentHour()
        hour.note([clerk: refused(3)], at: at(10))
        hour.note([clerk: CallCounts(done: 4, refused: 5), reader: refused(1)], at: at(40))
        hour.note([clerk: CallCounts(done: 4, refused: 5), reader: refused(1)], at: at(69))
        #expect(hour[clerk] == CallCounts(done: 4, refused: 5) && hour[reader] == refused(1))
        let series = hour.series(of: clerk, at: at(69))
        #expect(series.count == 60 && series[0] == refused(3))
        #expect(series[30] == CallCounts(done: 4, refused: 2) && series[59] == CallCounts())
        hour.note([clerk: CallCounts(done: 4, refused: 5), reader: refused(1)], at: at(70))
        #expect(hour[clerk] == CallCounts(done: 4, refused: 2) && hour[reader] == refused(1))
        hour.note([clerk: CallCounts(done: 4, refused: 6), reader: refused(1)], at: at(100))
        #expect(hour[clerk] == refused(1) && hour[reader] == CallCounts())
        hour.note([clerk: CallCounts(done: 4, refused: 6), reader: refused(1)], at: at(1000))
        #expect(hour[clerk] == CallCounts())
    }
}
