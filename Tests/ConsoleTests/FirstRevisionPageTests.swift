import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup
@testable import InterlockPolicyReview

/// The page of the first revision, which is in force: all of it is new, and each signed value is on the page.
struct FirstRevisionPageTests {
    private let office = ConsoleOffice()
    private static let lock = ConsoleOffice().hashing.sha256([7])
    private static let files = ["safety.yaml", "waivers"]

    /// - Parameter code: the code of the reason why it is not signed off.
    private func page(
        author: Person? = nil, need: Int = 0, mayVote: Bool = true, way: ApprovalMethod? = .page,
        lock: Digest? = lock, code: String = "sign_off"
    ) async throws -> ProposedPage {
        let voter = office.voter(0)
        let made = try await PolicyShelf().proposal(
            for: Visibility(person: voter.person, roles: [.security], own: []))
        let view = PolicyProposal(
            digest: made.digest, identity: made.identity, revision: made.revision,
            active: made.digest, activeIdentity: made.identity, tests: made.tests,
            seen: made.seen,
            refusal: PolicyReload.RefusalView(code: code, sentence: "why", findings: []),
            meaning: "not-comparable", changes: made.changes, files: ["tests"] + Self.files,
            findings: made.findings,
            signing: SignOffProgress(
                author: author, isAuthors: author != nil, signers: [], uncounted: 0, need: need,
                eligible: mayVote ? [voter.person] : [office.people[2]]),
            texts: made.texts, worst: made.worst, isFirst: true, lock: lock,
            signedFiles: Self.files.map { ($0, Self.digest(of: $0)) })
        let signer = way.map { way in
            OrderSigner(
                session: PersonSession(
                    person: voter.person, pseudonym: voter.pseudonym, formToken: "a-form-token"),
                roles: [.security], way: way)
        }
        return ProposedPage(view: view, viewer: voter.person, signer: signer, page: 1)
    }

    private static func digest(of path: String) -> Digest {
        ConsoleOffice().hashing.sha256(Array(path.utf8))
    }

    private func outline(_ page: ProposedPage) -> Outline {
        let outline = Outline(HTML.group(page.content).bytes)
        #expect(outline.faults.isEmpty)
        return outline
    }

    @Test func `every rule and agent is new, with the worst case and no policy before it`()
        async throws
    {
        let page = try await page()
        let text = outline(page).text
        #expect(page.title == "First revision" && page.header.primary != nil)
        #expect(text.contains("All of it is new, as no revision was signed off before"))
        for word in ["Before", "After", "Allows more", "Active revision", "Same decisions"] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(page.changes.changes.count == PolicyShelf.texts.count)
        #expect(text.components(of: "New ") >= PolicyShelf.texts.count)
        #expect(text.contains("Worst case") && text.contains("Agent refunds"))
        #expect(!text.contains("What it would have changed"))
    }

    @Test func `every value that the statement has is on the page`() async throws {
        let outline = outline(try await page())
        for digest in [PolicyShelf.waiting, PolicyShelf.digest, Self.lock] {
            #expect(outline.text.contains(digest.prefixed), "digest, tests and lock")
        }
        for path in Self.files {
            #expect(outline.text.contains("\(path) \(Self.digest(of: path).prefixed)"))
        }
        let bare = self.outline(try await page(lock: nil)).text
        #expect(bare.contains("the first definition that a server offers is pinned"))
    }

    @Test func `one who may signs as its author alone, and reads what that begins`() async throws {
        let outline = outline(try await page())
        #expect(outline.values.filter { $0 == PolicyShelf.identity.prefixed }.count == 2)
        #expect(outline.text.contains("Sign as author"))
        #expect(outline.text.contains("the author alone, as it is the first revision"))
        #expect(outline.text.contains("It is in force already"))
        #expect(outline.text.contains("no revision is loaded without signatures"))
        for way in [ApprovalMethod.command, nil] {
            let page = self.outline(try await page(way: way))
            #expect(page.text.contains(PolicyLabels.firstSignOff))
            #expect(!page.values.contains("sign-off-button"))
        }
    }

    @Test func `who may not sign has no form, and an author who may not needs others`() async throws
    {
        let stranger = outline(try await page(mayVote: false))
        #expect(!stranger.values.contains("a-form-token"))
        #expect(stranger.text.contains("and you are neither"))
        let second = outline(try await page(author: office.people[1], need: 2))
        #expect(second.text.contains("2 people other than the author"))
        #expect(second.text.contains("Sign off") && second.values.contains("a-form-token"))
    }

    @Test func `over an unsigned lock it says why, and has no form`() async throws {
        let page = try await page(code: "lock")
        let outline = outline(page)
        #expect(outline.text.contains("Why it is not signed"))
        #expect(!outline.values.contains("a-form-token") && page.header.primary == nil)
    }
}

extension String {
    /// The number of places that have these words.
    fileprivate func components(of words: String) -> Int { ranges(of: words).count }
}
