import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import InterlockTesting
import InterlockWorkspace
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockMarkup

/// Each value of a signed order is on its page before it is signed (docs/specs/console.md, section 6): one script lists
/// the values of the bytes for every form. That they are in view is asserted by the browsers of the end-to-end tests
/// whenever a passkey signs (`browsing.py`).
struct SignedOrderTests {
    private static let root = TestFiles.root(from: #filePath)

    private func text(_ path: String) throws -> String {
        String(decoding: try #require(TestFiles.read(Self.root + path)), as: UTF8.self)
    }

    @Test func `each kind of order has a test that signs it on its page`() throws {
        let table = try text("/docs/console-tests.md")
        #expect(Set(OrderDraft.kinds).count == OrderDraft.kinds.count)
        for kind in OrderDraft.kinds {
            #expect(table.contains("\n| `\(kind.rawValue)` | `test_"), "\(kind.rawValue)")
        }
    }

    @Test func `the one call that lets a passkey sign follows the list of what it signs`() throws {
        let script = try text("/Sources/C/CAssets/files/orders.js")
        let parts = script.split(separator: "await use(asked)", omittingEmptySubsequences: false)
        #expect(parts.count == 2 && parts[0].contains("  list(form, asked.payload);\n"))
        #expect(!script.contains("credentials.get(") && !script.contains("ceremony("))
    }

    @Test func `every ceremony of a passkey ends by the sentences of one function`() throws {
        let folder = "/Sources/C/CAssets/files/"
        let use = try text(folder + "passkey-use.js")
        #expect(use.ranges(of: "navigator.credentials").count == 1)
        #expect(use.contains("? \"Cancelled ") && use.contains(": \"Timed out "))
        for file in ["passkeys.js", "orders.js", "session.js", "forms.js", "console.js"] {
            let script = try text(folder + file)
            #expect(!script.contains("navigator.credentials"), "\(file)")
            #expect(!script.contains("NotAllowedError"), "\(file)")
        }
    }

    /// A form of a kind that the script does not name has the path of its draft in a field.
    @Test func `each form of an order is signed by that script`() throws {
        let script = try text("/Sources/C/CAssets/files/orders.js")
        for (kind, form) in try forms() {
            let markup = String(decoding: form.bytes, as: UTF8.self)
            #expect(markup.contains("data-order=\"\(kind)\""), "\(kind)")
            #expect(markup.contains("role=\"status\""), "\(kind)")
            let isNamed = script.contains("  \(kind): (") || script.contains("  \"\(kind)\": (")
            #expect(isNamed || markup.contains("name=\"path\""), "\(kind)")
        }
    }

    private func forms() throws -> [(kind: String, form: HTML)] {
        let voter = ConsoleOffice().voter(0)
        let signer = OrderSigner(
            session: PersonSession(
                person: voter.person, pseudonym: voter.pseudonym, formToken: "a-form-token"),
            roles: Set(Role.allCases), way: .page)
        let random = [UInt8](repeating: 7, count: 10)
        let (id, digest) = (OrderID(milliseconds: 7, random: random), Digest(words: (1, 2, 3, 4)))
        let elevation = ElevationID(milliseconds: 7, random: random)
        let request = ApprovalID(milliseconds: 7, random: random)
        let agent = try #require(AgentName("refunds"))
        let server = try #require(ServerName("billing"))
        let orders: [OrderForm.Order] = [
            .halt(.org), .release([id]), .confirmation(id), .elevation(agent),
            .elevationApproval(elevation), .elevationEnd(elevation),
            .signOff(digest, over: digest, isAuthors: true), .drill(id), .startDrill,
            .run(.pause, RunID(milliseconds: 7, random: random)), .server(.quarantine, server, []),
            .breakGlass(request, revision: 1), .breakGlassReview(request),
            .changes(
                RunID(milliseconds: 7, random: random), selection: nil, flags: [.executesLater]),
        ]
        let made = orders.map { (kind: kind($0), form: signer.form($0)) }
        #expect(made.count == 14, "one of each case")
        let people: [PeopleOrderForm.Order] = [.invite, .revoke(voter.person), .issueToken]
        return made + people.map { (kind: "people", form: signer.form($0)) }
    }

    /// The kind in the form's `data-order`. A new case of an order needs a line here, and one in `forms`.
    private func kind(_ order: OrderForm.Order) -> String {
        switch order {
        case .halt: "halt"
        case .release: "release"
        case .confirmation: "confirm"
        case .elevation: "elevate"
        case .elevationApproval: "elevate-approve"
        case .elevationEnd: "elevate-end"
        case .signOff: "sign-off"
        case .drill: "sign-drill"
        case .startDrill: "start-drill"
        case .run, .changes: "run"
        case .server: "server"
        case .breakGlass, .breakGlassReview: "break-glass"
        }
    }
}
