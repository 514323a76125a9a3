import InterlockAdministration
import Testing

struct MetricsReferenceTests {
    @Test func `the page of metrics has each of them, and nothing else`() {
        let page = Repository.text(of: "docs/metrics.md")
        #expect(page.hasSuffix("\n\n" + MetricFamily.document), "\(MetricFamily.document)")
        #expect(Set(MetricFamily.all.map(\.name)).count == MetricFamily.all.count)
    }
}
