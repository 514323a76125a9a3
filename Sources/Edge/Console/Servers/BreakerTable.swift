import InterlockAdministration

/// The circuit breakers of servers that do not admit every call.
struct BreakerTable {
    let breakers: [OpenBreaker]

    var html: HTML {
        var table = Table(
            caption: "Breakers that do not let every call through",
            columns: ["Breaker", "State", "Until"])
        table.rows = breakers.map { breaker in
            [.group(SafeText.text(breaker.name)), .text(breaker.state.text), Self.end(breaker)]
        }
        return table.html
    }

    static func end(_ breaker: OpenBreaker) -> HTML {
        switch breaker.state {
        case .open(let until): Shape.time(until)
        case .halfOpen: .text("calls that try have come back")
        }
    }
}
