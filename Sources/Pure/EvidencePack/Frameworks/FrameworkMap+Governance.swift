extension FrameworkMap {
    static let aiRMF = FrameworkMap(
        id: "nist-ai-rmf", title: "NIST framework for risks of AI", edition: "1.0",
        published: "2023-01", status: .notVerified,
        note:
            "Agent work of NIST (initiative of 2026, identity paper, draft IR 8596) and the agentic profile of CSA are tracked; they have no stable ids.",
        items: [
            Item("GOVERN 1", "policies and their upkeep", .c02, .c19),
            Item("GOVERN 2", "accountability", .c02, .c19), Item("MAP 3", "capabilities", .c23),
            Item("MAP 4", "parts of others", .c23), Item("MAP 5", "impacts", .c23),
            Item("MEASURE 2.4", "monitoring in production", .c17, .c21),
            Item("MEASURE 2.7", "resilience to attack", .c17, .c21),
            Item("MANAGE 2.4", "deactivation", .c08), Item("MANAGE 4", "incidents", .c24),
        ])

    static let cosais = FrameworkMap(
        id: "nist-cosais", title: "NIST overlays of SP 800-53 for AI", edition: "draft",
        published: "2026", status: .notVerified,
        note: "Overlays for agents are not final before 2027; the ids are of the base catalogue.",
        items: [
            Item("AC-2", "accounts", .c02), Item("AC-3", "enforcement of rights", .c01),
            Item("AC-4", "flow of information", .c14, .c16),
            Item("AC-5", "separation of duties", .c05), Item("AC-6", "least privilege", .c01, .c04),
            Item("AC-16", "attributes", .c16), Item("AU-2", "events that are logged", .c09),
            Item("AU-3", "content of records", .c09), Item("AU-6", "review of records", .c19, .c21),
            Item("AU-8", "times", .c09), Item("AU-9", "protection of records", .c10),
            Item("AU-10", "attribution", .c05, .c10), Item("AU-11", "retention", .c11),
            Item("AU-12", "making of records", .c09), Item("CA-7", "monitoring", .c21),
            Item("CM-3", "control of changes", .c20), Item("CM-5", "rights to change", .c20),
            Item("CM-7", "least functionality", .c01), Item("CM-8", "inventory", .c23),
            Item("IA-2", "identity", .c02), Item("IA-5", "authenticators", .c03),
            Item("IA-9", "identity of services", .c03), Item("IR-4", "handling of incidents", .c24),
            Item("IR-6", "reports of incidents", .c24),
            Item("RA-3", "assessment of risks", .c19, coverage: .partial),
            Item("SC-5", "use of resources", .c07), Item("SC-7", "boundaries", .c14),
            Item("SC-39", "isolation of processes", .c13), Item("SI-4", "monitoring", .c21),
            Item("SI-7", "integrity", .c10, .c12), Item("SI-10", "checks of input", .c15),
            Item("SI-15", "filters of output", .c15), Item("SR-3", "the supply of parts", .c12),
            Item("SR-11", "genuine parts", .c12),
        ])

    static let iso42001 = FrameworkMap(
        id: "iso-42001", title: "ISO/IEC 42001", edition: "2023", published: "2023-12",
        status: .notVerified, note: "Annex A alone.",
        items: [
            Item("A.2.2", "the policy", .c20), Item("A.2.3", "other policies", .c20),
            Item("A.2.4", "review of the policy", .c20), Item("A.3.2", "roles", .c02),
            Item("A.3.3", "reports of concerns", .c02), Item("A.4.2", "resources", .c23),
            Item("A.4.3", "data resources", .c23), Item("A.4.4", "tools", .c23),
            Item("A.4.5", "systems", .c23), Item("A.4.6", "people", .c23),
            Item("A.5.2", "assessment of impact", .c19),
            Item("A.5.3", "records of the assessment", .c19),
            Item("A.5.4", "impact on people", .c19, coverage: .partial),
            Item("A.5.5", "impact on society", .c19, coverage: .partial),
            Item("A.6.2.2", "requirements", .c17), Item("A.6.2.3", "design", .c17),
            Item("A.6.2.4", "verification", .c17), Item("A.6.2.5", "deployment", .c17),
            Item("A.6.2.6", "operation and monitoring", .c21),
            Item("A.6.2.7", "documentation", .c17), Item("A.6.2.8", "logs of events", .c09),
            Item("A.8.4", "communication of incidents", .c24),
            Item("A.9.2", "processes of use", .c01), Item("A.9.3", "objectives of use", .c01),
            Item("A.9.4", "intended use", .c01), Item("A.10.2", "responsibilities", .c12),
            Item("A.10.3", "suppliers", .c12),
            Item("A.10.4", "customers", .c12, coverage: .partial),
        ])

    static let aiACT = FrameworkMap(
        id: "eu-ai-act", title: "Regulation (EU) 2024/1689", edition: "2024/1689",
        published: "2024-07-12", status: .notVerified,
        note:
            "Duties for high risk: Annex III from 2 Dec 2027, Annex I from 2 Aug 2028 (Omnibus, final approval by the Council on 29 Jun 2026; the number in the Official Journal is not verified).",
        items: [
            Item("12", "records of events", .c09),
            Item(
                "14", "oversight by people; two persons (14(5)) for biometrics alone", .c05, .c06,
                .c08),
            Item("19(1)", "logs of providers, at least six months", .c11),
            Item("26(2)", "competent oversight", .c06), Item("26(5)", "monitoring", .c21),
            Item("26(6)", "logs of deployers, at least six months", .c11),
            Item("73", "serious incidents", .c24),
        ])

    static let soc2 = FrameworkMap(
        id: "soc2", title: "SOC 2 trust services criteria", edition: "2017",
        published: "2022", status: .notVerified, note: "Points of focus of 2022.",
        items: [
            Item("CC1.3", "structures and reporting", .c02, .c19),
            Item("CC2.1", "information", .c02, .c19), Item("CC3.2", "risks", .c02, .c19),
            Item("CC4.1", "evaluations", .c02, .c19), Item("CC4.2", "deficiencies", .c02, .c19),
            Item("CC5.2", "controls over technology", .c02, .c19),
            Item("CC6.1", "logical access", .c01, .c03, .c04, .c14),
            Item("CC6.2", "registration", .c01, .c03, .c04),
            Item("CC6.3", "roles and least privilege", .c01, .c03, .c04),
            Item("CC6.6", "boundaries", .c14), Item("CC6.7", "transmission", .c14, .c15),
            Item("CC6.8", "software that was not approved", .c12, .c13),
            Item("CC7.1", "detection of changes", .c21), Item("CC7.2", "monitoring", .c21),
            Item("CC7.3", "evaluation of events", .c21, .c24),
            Item("CC7.4", "response", .c08, .c24), Item("CC7.5", "recovery", .c24),
            Item("CC8.1", "changes", .c17, .c20), Item("CC9.2", "vendors", .c12),
            Item("P", "personal data", .c15, coverage: .partial),
            Item("C", "confidential data", .c15, coverage: .partial),
        ])

    static let aicm = FrameworkMap(
        id: "csa-aicm", title: "CSA matrix of AI controls", edition: "1.1", published: "2026",
        status: .notVerified,
        note:
            "Versions 1.0 (243 controls) and 1.1 (247); the sheet is licensed, other numbers are not verified.",
        items: [
            Item("IAM-19", "access of agents", .c01, .c02),
            Item("AIS-11", "boundaries of agents", .c13, .c14), Item("LOG", "logs", .c09, .c10),
            Item("GRC", "governance", .c19), Item("STA", "the supply of parts", .c12),
            Item("SEF", "incidents", .c24), Item("MDS", "models", .c17),
        ])
}
