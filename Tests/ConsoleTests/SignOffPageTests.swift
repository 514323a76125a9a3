import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockSchemas
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockGovernor
@testable import InterlockMarkup
@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Signing off a pending revision: on its page, below its changes, and by the API.
struct SignOffPageTests {
    private let office = ConsoleOffice()
    private static let drafts = "/policy/proposed/draft"
    private static let signing = "/policy/proposed/sign-off"

    private func browser(
        roles: Set<Role> = [.security], hasEntry: Bool = true,
        _ shelf: SignOffShelf? = SignOffShelf()
    ) -> Browser {
        Browser(
            hasEntry: hasEntry, sources: .with(roles: roles, policy: PolicyShelf(), signOffs: shelf)
        )
    }

    private func signer(_ way: ApprovalMethod = .page) -> OrderSigner {
        let voter = office.voter(0)
        return OrderSigner(
            session: PersonSession(
                person: voter.person, pseudonym: voter.pseudonym, formToken: "a-form-token"),
            roles: [.security], way: way)
    }

    /// - Parameters:
    ///   - signed: the people who have signed, other than the author.
    ///   - isWhole: false if the texts are too long for the page.
    private func page(
        author: Person?, isSigned: Bool = false, by signed: [Person] = [], eligible: [Person],
        signer: OrderSigner?, isWhole: Bool = true
    ) async throws -> Outline {
        let visibility = Visibility(person: office.people[0], roles: [.security], own: [])
        let made = try await PolicyShelf().proposal(for: visibility)
        let view = PolicyProposal(
            digest: made.digest, identity: made.identity, revision: made.revision,
            active: made.active, activeIdentity: made.activeIdentity, tests: made.tests,
            seen: made.seen, refusal: made.refusal, meaning: made.meaning,
            changes: made.changes, files: made.files, findings: made.findings,
            signing: SignOffProgress(
                author: author, isAuthors: isSigned, signers: signed, uncounted: 0, need: 2,
                eligible: eligible),
            texts: RevisionFileDiff(files: made.texts.files, isWhole: isWhole),
            worst: made.worst)
        let page = ProposedPage(view: view, viewer: office.people[0], signer: signer, page: 1)
        let outline = Outline(HTML.group(page.content).bytes)
        #expect(outline.faults.isEmpty)
        return outline
    }

    private func isForm(_ page: Outline) -> Bool {
        page.values.contains("sign-off") && hasDigests(page)
    }

    private func hasDigests(_ page: Outline) -> Bool {
        [PolicyShelf.identity, PolicyShelf.digest].allSatisfy {
            page.values.contains($0.prefixed)
        }
    }

    @Test func `who signs first says that it is their work`() async throws {
        let page = try await page(author: nil, eligible: [office.people[0]], signer: signer())
        #expect(isForm(page) && page.values.contains("a-form-token"))
        #expect(page.text.contains("Sign as author"))
        #expect(page.text.contains("The first signer declares that it is their work"))
        #expect(page.text.contains("comes into force here, without a restart"))
        #expect(page.tags.contains { $0.hasPrefix("button") && $0.contains("disabled") })
        #expect(page.text.contains("What it changes"))
        #expect(
            page.text.contains(
                "It becomes active once 2 people other than the author have signed it."))
    }

    @Test func `another who may signs it off, and what was signed is shown`() async throws {
        let people = office.people
        let open = try await page(
            author: people[1], isSigned: true, by: [people[2]], eligible: [people[0], people[2]],
            signer: signer())
        #expect(isForm(open) && open.text.contains("Sign off"))
        #expect(open.text.contains("\(people[1].address), who has signed"))
        #expect(open.text.contains(people[2].address))
        for (author, signed): (Person, [Person]) in [
            (people[0], []), (people[1], [people[0]]),
        ] {
            let done = try await page(
                author: author, isSigned: true, by: signed, eligible: [people[0]], signer: signer())
            #expect(!isForm(done) && done.text.contains("You have signed it."))
        }
    }

    @Test func `who may not sign is told what it takes, and where nobody can, the command`()
        async throws
    {
        let people = office.people
        let stranger = try await page(
            author: people[1], isSigned: true, eligible: [people[2]], signer: signer())
        #expect(!isForm(stranger) && stranger.text.contains("and you are neither"))
        for signer in [signer(.command), nil] {
            let page = try await page(author: nil, eligible: [people[0]], signer: signer)
            #expect(!isForm(page))
            #expect(page.text.contains("interlock policy diff OLD NEW --sign KEY"))
        }
    }

    @Test func `nothing is signed where the files are not shown whole`() async throws {
        let people = office.people
        let page = try await page(
            author: people[1], isSigned: true, eligible: [people[0]], signer: signer(),
            isWhole: false)
        #expect(!isForm(page))
        #expect(
            page.text.contains("The files are not shown whole above, so nothing is signed here."))
    }

    private func asked(_ identity: Digest, _ active: Digest) -> String {
        "{\"identity\":\"\(identity.prefixed)\",\"active\":\"\(active.prefixed)\"}"
    }

    private func envelope(_ payload: [UInt8], type: PayloadType = .signOff) throws -> String {
        let assertion = try PasskeyAssertion(
            credential: try #require(PasskeyID(bytes: [1])), authenticatorData: [2],
            clientDataJSON: [3], signature: [4])
        let envelope = Envelope(
            payloadType: type, payload: payload, signatures: [.passkey(assertion)])
        return String(decoding: envelope.bytes, as: UTF8.self)
    }

    @Test func `what is drafted is what was read, for who may sign it`() async throws {
        let good = asked(PolicyShelf.identity, PolicyShelf.digest)
        let draft = await browser().call(Self.drafts, good)
        #expect(draft.status == 200)
        try OrderDraft.form.shape.check(try #require(draft.json))
        #expect(draft.json?["payload"]?.string == Base64.encode([123, 125]))
        #expect(draft.json?["payloadType"]?.string == PayloadType.signOff.text)
        #expect(draft.json?["rp_id"]?.string == "localhost")
        for (identity, active) in [
            (PolicyShelf.waiting, PolicyShelf.digest), (PolicyShelf.identity, PolicyShelf.waiting),
        ] {
            #expect(
                await browser().call(Self.drafts, asked(identity, active)).problem
                    == "policy_changed")
        }
        #expect(await browser(roles: []).call(Self.drafts, good).problem == "no_such_policy")
        #expect(await browser(roles: [.kill]).call(Self.drafts, good).problem == "not_eligible")
        #expect(await browser(hasEntry: false).call(Self.drafts, good).problem == "not_read")
        #expect(await browser(nil).call(Self.drafts, good).problem == "not_read")
        #expect(await browser().call(Self.drafts, "{}").problem == "malformed")
    }

    @Test func `a signature is taken once it fits, and the answer says what became of it`()
        async throws
    {
        let shelf = SignOffShelf()
        let browser = browser(shelf)
        let good = try envelope([123, 125])
        let first = await browser.call(Self.signing, good)
        #expect(first.json?["state"]?.string == "signed")
        #expect(first.json?["message"]?.string == "signed by 1 of 2")
        #expect(await browser.call(Self.signing, good).json?["state"]?.string == "in_force")
        #expect(shelf.taken.withLock { $0.count } == 2)
        #expect(
            await browser.call(Self.signing, try envelope([123])).problem == "policy_changed")
        #expect(
            await browser.call(Self.signing, try envelope([123, 125], type: .halt)).problem
                == "malformed")
        let token = "x-interlock-form-token"
        #expect(
            await browser.call(Self.signing, good, without: [token]).problem == "foreign_form")
        #expect(
            await browser.call(Self.signing, good, and: [("idempotency-key", "a")]).problem
                == "malformed")
        #expect(await self.browser(nil).call(Self.signing, good).problem == "not_read")
        #expect(shelf.taken.withLock { $0.count } == 2)
    }
}
