/// The context in which a guard is analysed: one tool of one agent at one stage.
struct GuardContext: Sendable {
    let domain: InputDomain
    /// The facts of the table's cell, which are the same for each of its calls: `call.server`, `call.tool`,
    /// `call.class`, `call.environment`, `call.kind`, `agent.tier`, `agent.stage`.
    let constants: [String: String]
}
