import InterlockConsoleWorld
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockSandboxes
import Synchronization
import Testing

@testable import InterlockConsole
@testable import InterlockMarkup

/// The mark of a run whose isolation is weaker than full.
struct IsolationBadgeTests {
    private func page(_ fields: JSONObject) async throws -> String {
        let shelf = EvidenceShelf()
        let start = try EvidenceShelf.step(1, .runStart, fields)
        shelf.state.withLock { $0.steps = [start] }
        return await Browser(sources: shelf.sources).get("/runs/\(EvidenceShelf.run.text)").text
    }

    @Test(
        arguments: [
            (["iso": "none"], "warning", "Open, no isolation", "none"),
            (["iso": "reduced", "back": "own"], "warning", "Open, reduced isolation", "reduced"),
            (
                ["iso": "full", "deg": .array(["cpu"])], "warning", "Open, limits not kept",
                "full, limits not kept"
            ),
            (["iso": "better"], "unknown", "Open, isolation unknown", "unknown"),
        ] as [(JSONObject, String, String, String)])
    func `an open run with less than full isolation is marked, and never green`(
        fields: JSONObject, look: String, status: String, level: String
    ) async throws {
        let page = try await page(fields)
        #expect(page.contains("<button class=\"badge \(look)\""))
        #expect(!page.contains("badge good") && page.contains("<span>\(status)</span>"))
        #expect(page.contains("<span class=\"badge \(look)\">") && page.contains(level))
    }

    @Test func `full isolation, and a run without a sandbox, have no mark`() async throws {
        for fields in [["iso": "full", "back": "bwrap"], [:]] as [JSONObject] {
            let page = try await page(fields)
            #expect(page.contains("<button class=\"badge good\"") && page.contains("Open</span>"))
            #expect(!page.contains("badge warning"))
        }
    }

    @Test func `a list of sandboxes marks each weak one`() throws {
        let agent = try #require(AgentName("refunds"))
        let running = SandboxIsolation.allCases.map { level in
            SandboxStatus(
                run: EvidenceShelf.run, agent: agent,
                setup: SandboxStatus.Setup(
                    isolation: level, backend: nil, layers: [], degraded: []),
                figures: SandboxFigures())
        }
        let table = String(decoding: AgentSandboxes(running: running).html.bytes, as: UTF8.self)
        #expect(table.ranges(of: "badge warning").count == 2)
        #expect(!table.contains("badge good"))
    }
}
