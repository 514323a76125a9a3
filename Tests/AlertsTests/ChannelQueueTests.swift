import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAlerts

@Suite struct `What waits for a channel` {
    private func entry(_ number: UInt8, _ key: String, due seconds: Int = 0) throws
        -> QueuedNotification
    {
        let alert = try #require(
            OutgoingNotification(
                id: AlertID(milliseconds: 1, random: Array(repeating: number, count: 10)),
                dedupe: key, severity: .high, kind: "k", at: Alerting.now, summary: "said"))
        return QueuedNotification(
            alert, since: Alerting.now, next: Alerting.now + .seconds(seconds))
    }

    @Test func `nothing waits in an empty one`() {
        #expect(ChannelQueue().step(now: Alerting.now) == .nothing)
    }

    @Test func `one key keeps its order while another goes on`() throws {
        let (first, second, other) = (try entry(1, "a"), try entry(2, "a"), try entry(3, "b"))
        var queue = ChannelQueue([first, second, other])
        #expect(queue.step(now: Alerting.now) == .send(first))
        let after = queue.settle(
            first.alert.id, .failed("nobody"), now: Alerting.now, jitter: 0)
        guard case .again(let again) = after else { return #expect(Bool(false), "\(after as Any)") }
        #expect(again.tries == 1 && again.next == Alerting.now + .milliseconds(500))
        #expect(queue.step(now: Alerting.now) == .send(other))
        let now = Alerting.now
        #expect(queue.settle(other.alert.id, .delivered, now: now, jitter: 0) == .delivered)
        #expect(queue.step(now: Alerting.now) == .wait(until: again.next))
        #expect(queue.step(now: again.next) == .send(again))
        #expect(queue.settle(first.alert.id, .delivered, now: again.next, jitter: 0) == .delivered)
        #expect(queue.step(now: again.next) == .send(second))
    }

    @Test func `what is refused is given up at once`() throws {
        let one = try entry(1, "a")
        var queue = ChannelQueue([one])
        let after = queue.settle(one.alert.id, .refused("HTTP 404"), now: Alerting.now, jitter: 0)
        #expect(after == .undelivered(.refused, "HTTP 404"))
        #expect(queue.count == 0)
        #expect(queue.settle(one.alert.id, .delivered, now: Alerting.now, jitter: 0) == nil)
    }

    @Test func `what fails is given up after a day, not before`() throws {
        let one = try entry(1, "a")
        var queue = ChannelQueue([one])
        var now = Alerting.now
        var tries = 0
        while true {
            tries += 1
            let after = queue.settle(one.alert.id, .failed("late"), now: now, jitter: .max)
            guard case .again(let again) = after else {
                #expect(after == .undelivered(.gaveUp, "late"))
                break
            }
            #expect(again.next > now)
            now = again.next
        }
        #expect(now - Alerting.now <= Retry.patience)
        #expect(now - Alerting.now > Retry.patience - Retry.longest)
        #expect(tries > 280 && tries < 700, "\(tries)")
    }

    @Test func `a clock set back does not hold it for ever`() throws {
        let one = try entry(1, "a", due: 10_000)
        #expect(ChannelQueue([one]).step(now: Alerting.now) == .send(one))
        let soon = try entry(1, "a", due: 200)
        #expect(ChannelQueue([soon]).step(now: Alerting.now) == .wait(until: soon.next))
    }
}
