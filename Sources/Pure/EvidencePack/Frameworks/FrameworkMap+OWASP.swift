extension FrameworkMap {
    static let owaspAgentic = FrameworkMap(
        id: "owasp-agentic", title: "OWASP list of risks of agentic applications",
        edition: "2026", published: "2025-12", status: .notVerified,
        note: "Wrong lists of these ids circulate.",
        items: [
            Item("ASI01", "goals that are taken over", .c16, .c17),
            Item("ASI02", "tools that are misused", .c01, .c07, .c20),
            Item("ASI03", "identity and rights", .c02, .c03, .c04),
            Item("ASI04", "the supply of parts", .c12),
            Item("ASI05", "code that was not expected to run", .c13, .c22),
            Item("ASI06", "memory and context", .c15, .c16, coverage: .partial),
            Item("ASI07", "agents among themselves", .c02, coverage: .partial),
            Item("ASI08", "failures that spread", .c07, .c08),
            Item("ASI09", "trust of people in agents", .c05, .c06),
            Item("ASI10", "agents out of control", .c08, .c10, .c21),
        ])

    static let owaspMCP = FrameworkMap(
        id: "owasp-mcp", title: "OWASP list of risks of MCP", edition: "0.1",
        published: "2025", status: .checked, note: "A beta.",
        items: [
            Item("MCP01", "tokens that leak", .c03), Item("MCP02", "scopes that grow", .c04),
            Item("MCP03", "poisoned tools", .c12), Item("MCP04", "the supply of servers", .c12),
            Item("MCP05", "commands in values", .c13, .c22),
            Item("MCP06", "intent from results", .c16),
            Item("MCP07", "who calls, and with which right", .c02),
            Item("MCP08", "records of what happened", .c09),
            Item("MCP09", "servers that are not governed", .c23),
            Item("MCP10", "too much context", .c15),
        ])

    static let owaspLLM = FrameworkMap(
        id: "owasp-llm", title: "OWASP list of risks of applications of language models",
        edition: "2026", published: "2026-08-04", status: .checked, note: "A new numbering.",
        items: [
            Item("LLM01", "instructions in data", .c15, .c16),
            Item("LLM02", "disclosure", .c15), Item("LLM03", "too much agency", .c01, .c05),
            Item("LLM04", "the supply of parts", .c12, coverage: .partial),
            Item("LLM05", "poisoned data", coverage: .outOfScope),
            Item("LLM06", "unbounded use", .c07),
            Item("LLM07", "wrong statements", coverage: .outOfScope),
            Item("LLM08", "hidden context that is exposed", .c15, coverage: .partial),
            Item("LLM09", "stores of vectors", coverage: .outOfScope),
            Item("LLM10", "results that are used unseen", .c15),
        ])

    static let atlas = FrameworkMap(
        id: "atlas", title: "MITRE ATLAS", edition: "5.6.0", published: "2026-05",
        status: .checked, note: "A release 2026.08 is not verified.",
        items: [
            Item("AML.M0024", "records of use", .c09), Item("AML.M0026", "rights", .c01),
            Item("AML.M0027", "rights of agents", .c01, .c02),
            Item("AML.M0028", "rights of tools", .c01, .c02),
            Item("AML.M0029", "people in the loop", .c05),
            Item("AML.M0030", "tools after what is untrusted", .c16),
            Item("AML.M0032", "separation", .c13),
            Item("AML.M0033", "checks of what goes in and out", .c15),
            Item("AML.T0034.002", "resources that are used up", .c07),
            Item("AML.T0051", "instructions in data", .c15, .c16),
            Item("AML.T0053", "tools that are invoked", .c01),
            Item("AML.T0080", "poisoned context", .c16),
            Item("AML.T0081", "changes of the agent's settings", .c17, .c22),
            Item("AML.T0083", "credentials in settings", .c03),
            Item("AML.T0086", "data that leaves by a tool", .c14, .c16),
            Item("AML.T0101", "destruction by a tool", .c05),
            Item("AML.T0104", "a poisoned tool that is published", .c12),
            Item("AML.T0109", "a tool that changes after its review", .c12),
            Item("AML.T0110", "a poisoned tool of an agent", .c12),
        ])
}
