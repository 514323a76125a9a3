import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

struct RefusalHourTests {
    private func at(_ minutes: Int64) -> BootTime { BootTime(microseconds: minutes * 60_000_000) }

    @Test func `what is older than an hour counts no more`() throws {
        let (clerk, reader) = (try #require(AgentName("clerk")), try #require(AgentName("reader")))
        var hour = RefusalHour()
        hour.note([clerk: 3], at: at(10))
        hour.note([clerk: 5, reader: 1], at: at(40))
        hour.note([clerk: 5, reader: 1], at: at(69))
        #expect(hour[clerk] == 5 && hour[reader] == 1)
        hour.note([clerk: 5, reader: 1], at: at(70))
        #expect(hour[clerk] == 2 && hour[reader] == 1)
        hour.note([clerk: 6, reader: 1], at: at(100))
        #expect(hour[clerk] == 1 && hour[reader] == 0)
        hour.note([clerk: 6, reader: 1], at: at(1000))
        #expect(hour[clerk] == 0)
    }
}
