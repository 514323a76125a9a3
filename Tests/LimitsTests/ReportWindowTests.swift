import InterlockLimits
import InterlockModel
import Testing

@Suite struct ReportWindowTests {
    private func reported(_ microseconds: [Int64], each window: Duration) -> [Int64] {
        var reports = ReportWindow()
        return microseconds.filter {
            reports.take(at: BootTime(microseconds: $0), window: window)
        }
    }

    @Test func `the first event is reported, and then the first after each window`() {
        let seconds = (0..<200).map { Int64($0) * 1_000_000 }
        let found = reported(seconds, each: .seconds(60))
        #expect(found == [0, 60_000_000, 120_000_000, 180_000_000])
    }

    @Test func `a window begins with the event that is reported`() {
        let late: Int64 = 600_000_000
        let found = reported(
            [0, late, late + 59_999_999, late + 60_000_000], each: .seconds(60))
        #expect(found == [0, late, late + 60_000_000])
    }
}
