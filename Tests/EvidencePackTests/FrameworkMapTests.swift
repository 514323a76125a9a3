import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The maps of frameworks (docs/specs/evidence.md, section 4).
@Suite(.requirement("R135")) struct FrameworkMapTests {
    @Test func `each map has an id, an edition, a status and distinct items`() {
        let ids = FrameworkMap.all.map(\.id)
        #expect(Set(ids).count == ids.count && ids == ids.sorted())
        for map in FrameworkMap.all {
            #expect(PackFileName.isValid(PackFileName.framework(map.id)) && !map.edition.isEmpty)
            let items = map.items.map(\.id)
            #expect(Set(items).count == items.count, "\(map.id)")
            for item in map.items {
                let isCovered = item.coverage == .strong || item.coverage == .partial
                #expect(isCovered == !item.controls.isEmpty, "\(map.id) \(item.id)")
            }
        }
    }

    @Test func `three sources were compared with their publishers, the others carry the mark`() {
        let checked = FrameworkMap.all.filter { $0.status == .checked }.map(\.id)
        #expect(checked == ["atlas", "owasp-llm", "owasp-mcp"])
    }

    @Test func `a map has the form that verifiers read`() throws {
        for map in FrameworkMap.all {
            let value = map.json
            #expect(value["id"] == .string(map.id) && value["edition"] == .string(map.edition))
            let status = try #require(value["status"]?.string)
            #expect(["checked", "not verified"].contains(status))
            for item in try #require(value["items"]?.array) {
                #expect(item["id"]?.string != nil && item["controls"]?.array != nil)
                let coverage = try #require(item["coverage"]?.string)
                #expect(["strong", "partial", "none", "out of scope"].contains(coverage))
            }
        }
    }

    @Test func `what is out of scope is said`() {
        let ids = FrameworkMap.owaspLLM.items.filter { $0.coverage == .outOfScope }.map(\.id)
        #expect(ids == ["LLM05", "LLM07", "LLM09"])
    }
}
