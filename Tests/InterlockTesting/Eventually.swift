/// Waits until the condition holds; returns false if it does not within the limit. The limit is long because only a test
/// that fails waits for it: a busy machine must not miss it.
package func eventually(
    within limit: Duration = .seconds(240), _ condition: () throws -> Bool
) async rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while try !condition() {
        guard clock.now < end, !Task.isCancelled else { return try condition() }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return true
}
