import InterlockModel
import Testing

@Suite struct ScopeSetTests {
    private let tool = ToolAddress(wireName: "tickets__close_ticket").unsafelyFound
    private let odd = ToolAddress(wireName: "tickets__read").unsafelyFound

    @Test(arguments: [
        ("tickets:close_ticket", true), ("tickets:write", true), ("crm:x tickets:write", true),
        ("", false), ("tickets:read", false), ("tickets:close", false), ("crm:write", false),
        ("tickets:Write", false), ("tickets", false), ("tickets:*", false),
    ])
    func `a class covers its tools, a tool itself`(_ text: String, _ covered: Bool) throws {
        #expect(try #require(ScopeSet(text)).covers(tool, .write) == covered)
    }

    @Test func `the word of a class is the class, whatever a tool is called`() throws {
        let scopes = try #require(ScopeSet("tickets:read"))
        #expect(!scopes.covers(odd, .destructive))
        #expect(scopes.covers(odd, .read))
        #expect(scopes.needed(for: odd, .destructive) == "tickets:read tickets:destructive")
    }

    @Test func `what is needed holds what there is of the server`() throws {
        let scopes = try #require(ScopeSet("crm:read tickets:read tickets:read openid"))
        #expect(scopes.needed(for: tool, .write) == "tickets:read tickets:close_ticket")
    }

    @Test func `what is no list of scopes`() {
        for text in [" ", "a ", " a", "a  b", "a\tb", "a\"", "a\\", "é"] {
            #expect(ScopeSet(text) == nil)
        }
        #expect(ScopeSet(String(repeating: "a ", count: 300) + "a") == nil)
        #expect(ScopeSet(String(repeating: "a", count: 5000)) == nil)
    }
}

extension ToolAddress? {
    fileprivate var unsafelyFound: ToolAddress {
        guard let self else { preconditionFailure("a tool's name") }
        return self
    }
}
