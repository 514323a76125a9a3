/// The reference of all record types (`docs/records.md`), generated from the table that the ledger checks drafts with.
package enum RecordReference {
    package static let text: String =
        """
        # Records

        Made by `interlock audit records`; a test compares it. Each record is one leaf of the log: an RFC
        8785 object of at most 4,096 bytes. The ledger refuses a record with a field that is not listed
        here, with one of another kind, or without one that its type must have (`audit.bad_record`).
        Readers keep types and fields that they do not know.

        **W**: durable before what it describes takes effect. **A**: may be written right after. A record
        *in a run* belongs to that run's chain. Fields in *italics* may be absent.

        | kind | is |
        |---|---|
        | name | a string of 1 to 128 bytes: an id, a code, or a name from configuration; never free text |
        | id | 26 characters of lower-case Crockford base32: 48 bits of milliseconds, 80 random bits |
        | 32 bytes | standard base64 with padding: a digest, or a public key |
        | person | a pseudonym: 16 bytes of an HMAC in base64, whose key can be deleted |
        | count, integer | at most 2^53-1 in magnitude; a count is not negative |
        | time, microseconds | since 1970, UTC; a duration |
        | payload | `{b,c,n}`: a commitment to bytes that are kept, encrypted, outside the tree |

        ## Every record

        | field | kind | is |
        |---|---|---|
        | `v` | integer | version of the schema, 1 |
        | `t` | name | the type |
        | `ts` | time | the wall clock; never used for order |
        | `mono` | microseconds | since boot |
        | `boot` | name | first 8 hex digits of the boot id |
        | `node` | name | the node, as in the origin |
        | `run` | id | in a run: the run |
        | `rs` | count | in a run: dense counter from 0 |
        | `prev` | 32 bytes | in a run: leaf hash of the chain's record before; absent at 0 |
        | `agent` | name | in a run: the agent |
        | `subj` | person | in a run: on whose behalf it acts, if known |


        """ + RecordType.groups.map(section).joined(separator: "\n")

    private static func section(_ title: String, _ types: [RecordType]) -> String {
        "## \(title)\n\n" + types.map { entry($0, .of($0)) }.joined(separator: "\n")
    }

    private static func entry(_ type: RecordType, _ schema: RecordSchema) -> String {
        let place =
            switch schema.chain {
            case .inRun: "in a run"
            case .outside: "outside runs"
            case .either: "in a run when it is about one"
            }
        let rows = schema.fields.map { field in
            let name = field.isRequired ? "`\(field.name)`" : "*`\(field.name)`*"
            return "| \(name) | \(field.kind.text) | \(field.meaning) |\n"
        }
        return """
            ### `\(type.rawValue)`

            **\(schema.moment.rawValue)**, \(place). \(schema.about)

            | field | kind | is |
            |---|---|---|
            \(rows.joined())
            """
    }
}
