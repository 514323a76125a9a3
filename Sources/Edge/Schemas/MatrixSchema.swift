package import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
package import InterlockPolicyReview

private let passage = JSONSchemaType.text(.plain(0...1_000_000))
private let shortName = JSONSchemaType.text(.plain(1...512))
private let pageNumber = JSONSchemaType.whole(Paging.numbers)

extension PolicyMatrix: ResponseRecord {
    package static let form = ResponseSchema<PolicyMatrix>(
        "PolicyMatrix",
        .init("policy", .text(.digest), "The revision that it was computed from.") {
            $0.policy.prefixed
        },
        .init(
            "servers", .list(shortName, count: 0...mostColumns),
            "The columns of this page, by name."
        ) { $0.servers.map(\.text) },
        .init("rows", .list(of: Row.self, 0...mostRows), "The agents of this page, by name.") {
            $0.rows
        },
        .init("page", pageNumber, "Of the agents.") { $0.rowPart.page },
        .init("pages", pageNumber, "Of the agents.") { $0.rowPart.pages },
        .init("count", .count, "Agents on all pages.") { $0.rowPart.count },
        .init("columns_page", pageNumber, "Of the servers.") { $0.columnPart.page },
        .init("columns_pages", pageNumber, "Of the servers.") { $0.columnPart.pages },
        .init("columns_count", .count, "Servers on all pages.") { $0.columnPart.count })
}

extension PolicyMatrix.Row: ResponseRecord {
    package static let form = ResponseSchema<PolicyMatrix.Row>(
        "PolicyMatrixRow",
        .init("agent", shortName, "Its name.") { $0.agent.text },
        .init("held", .truth, "Whether every call is denied, because it is at stage observe.") {
            $0.isHeld
        },
        .init(
            "cells", .list(of: MatrixCell.self, 0...PolicyMatrix.mostColumns),
            "One for each of `servers`."
        ) { $0.cells })
}

extension MatrixCell: ResponseRecord {
    package static let form = ResponseSchema<MatrixCell>(
        "PolicyMatrixCell",
        .init(
            "outcome", .choice(of: MatrixFilter.Outcome.self),
            "The loosest that a call can reach; `none`: nothing gives the agent a tool."
        ) { $0.outcome.rawValue },
        .maybe("verdict", .text(.plain(1...32)), "In the words of the policy.") {
            $0.verdict?.description
        },
        .maybe("condition", passage, "Under which alone it holds, in words.") { $0.condition },
        .init("tools", .count, "That something gives the agent.") { $0.tools })
}

extension MatrixDetail: ResponseRecord {
    package static let form = ResponseSchema<MatrixDetail>(
        "PolicyMatrixDetail",
        .init("agent", PolicyAgent.form.shape, "Which.") { $0.agent },
        .init("server", shortName, "Which.") { $0.server.text },
        .init("held", .list(passage, count: 0...1000), "Codes for which every call is denied now.")
        {
            JSONValue.array($0.held.map(JSONValue.string))
        },
        .init("tools", .list(of: Tool.self, 0...100_000), "By name.") { $0.tools })
}

extension MatrixDetail.Tool: ResponseRecord {
    package static let form = ResponseSchema<MatrixDetail.Tool>(
        "PolicyMatrixTool",
        .init("tool", shortName, "As `server.tool`.") { $0.address.description },
        .init("class", .choice(of: ToolClass.self), "Of the tool.") { $0.toolClass.rawValue },
        .init("effects", .list(passage, count: 0...100), "Of every call, and of some.") {
            JSONValue.array($0.effects.map { .string($0.name) })
        },
        .init("outcome", passage, "The verdicts with conditions.") { $0.sentence },
        .init(
            "lines", .list(of: MatrixDetail.Line.self, 0...10_000),
            "Read from the top: the first that applies decides."
        ) { $0.lines })
}

extension MatrixDetail.Line: ResponseRecord {
    package static let form = ResponseSchema<MatrixDetail.Line>(
        "PolicyMatrixLine",
        .init("text", passage, "The verdict with its condition.") { $0.words },
        .init("rule", passage, "Which decides.") { $0.rule },
        .maybe("at", passage, "`file:line:column`; omitted where it is built in.") {
            $0.place?.description
        })
}

extension PolicyRuleDetail: ResponseRecord {
    package static let form = ResponseSchema<PolicyRuleDetail>(
        "PolicyRuleDetail",
        .init("rule", PolicyRule.form.shape, "Which.") { $0.rule },
        .init("sentence", passage, "With its condition in words.") { $0.sentence },
        .maybe(
            "excerpt", PolicyExcerpt.form.shape,
            "Omitted where it is built in or not stored, and where it may name agents out of sight."
        ) { $0.excerpt },
        .init(
            "agents", .list(shortName, count: 0...100_000),
            "In sight, to whose calls it can matter."
        ) { JSONValue.array($0.agents.map { .string($0.text) }) },
        .init("tests", .list(of: Test.self, 0...100_000), "That expect it to decide.") {
            $0.tests
        })
}

extension PolicyRuleDetail.Test: ResponseRecord {
    package static let form = ResponseSchema<PolicyRuleDetail.Test>(
        "PolicyRuleTest",
        .maybe("name", passage, "Omitted if it has none.") { $0.name },
        .init("agent", passage, "That calls.") { $0.agent },
        .init("call", passage, "The tool.") { $0.call },
        .init("expect", passage, "The verdict in words.") { $0.expected },
        .init("at", passage, "`file:line:column`.") { $0.place.description })
}

extension PolicyExcerpt: ResponseRecord {
    package static let form = ResponseSchema<PolicyExcerpt>(
        "PolicyExcerpt",
        .init("file", passage, "Which.") { $0.file },
        .init("first_line", .count, "From 1.") { $0.firstLine },
        .init("lines", .list(passage, count: 0...mostLines), "As written.") {
            JSONValue.array($0.lines.map(JSONValue.string))
        },
        .init("cut", .truth, "Whether the rule has more lines.") { $0.isCut })
}
