import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The statement that a passkey is asked to sign: in the name of the person who asks, and only with the required role.
@Suite struct OrderDraftTests {
    private let passkeys = Passkeys("kim", "joe")

    private func refusal(_ body: () throws -> Void) -> OrderRefusal? {
        do {
            try body()
            return nil
        } catch { return error as? OrderRefusal }
    }

    private func pseudonym(_ name: String) -> Pseudonym { People.all[name].pseudonym }

    @Test func `what was drafted and signed stops, and two people resume`() async throws {
        let bench = try Bench(passkeys: passkeys)
        let client = try await Client.open(bench)
        let agent = HaltTarget.agent(try #require(AgentName("clerk")))
        let halt = try bench.kill.draftHalt(
            of: agent, reason: "a test stops this", by: pseudonym("kim"))
        let order = try HaltOrder(parsing: halt.payload)
        #expect(order.author == pseudonym("kim") && order.target == agent && !order.local)
        #expect(halt.credentials == [Passkeys.id(of: "kim")])
        let report = try await bench.kill.halt(
            try Passkeys.signed(halt, by: "kim", counter: 8), source: "console")
        #expect(bench.kill.standingHalts.map(\.author) == [People.all["kim"].person])
        check(await client.call("look"), .error(4230))
        let release = try bench.kill.draftRelease(
            of: [report.order.id], reason: "a test goes on", by: pseudonym("kim"))
        _ = try await bench.kill.propose(try Passkeys.signed(release, by: "kim", counter: 9))
        let waiting = try #require(bench.kill.waitingReleases.first)
        #expect(waiting.signers == [People.all["kim"].person] && waiting.need == 2)
        let second = try bench.kill.draftConfirmation(of: waiting.order.id, by: pseudonym("joe"))
        #expect(second.payload == release.payload)
        guard
            case .ready = try await bench.kill.confirm(
                waiting.order.id, try Passkeys.signed(second, by: "joe", counter: 9))
        else { return #expect(Bool(false), "two people are enough") }
        #expect(bench.kill.standingHalts.isEmpty && bench.kill.waitingReleases.isEmpty)
    }

    @Test func `who has not got the role is told so before a passkey is asked for`() throws {
        let bench = try Bench(passkeys: passkeys)
        #expect(
            refusal {
                _ = try bench.kill.draftHalt(
                    of: .org, reason: "a test stops this", by: pseudonym("ines"))
            } == .missingRole(.kill))
        #expect(
            refusal {
                _ = try bench.kill.draftRelease(
                    of: [People.order(1)], reason: "a test goes on", by: pseudonym("eve"))
            } == .missingRole(.resume))
    }

    @Test func `what could not be taken is not drafted`() async throws {
        let bench = try Bench(passkeys: passkeys)
        guard
            case .form = refusal({
                _ = try bench.kill.draftHalt(of: .org, reason: "short", by: pseudonym("kim"))
            })
        else { return #expect(Bool(false), "a reason of five characters is none") }
        #expect(
            refusal {
                _ = try bench.kill.draftRelease(
                    of: [People.order(1)], reason: "a test goes on", by: pseudonym("kim"))
            } == .unknownHalt(People.order(1)))
        let halt = try await bench.halt(.org).order.id
        let first = try People.all.release([halt], after: bench.kill.epoch, by: "kim", number: 9)
        _ = try await bench.kill.propose(first)
        #expect(
            refusal {
                _ = try bench.kill.draftConfirmation(
                    of: People.order(9), by: pseudonym("kim"))
            } == .samePerson)
    }
}
