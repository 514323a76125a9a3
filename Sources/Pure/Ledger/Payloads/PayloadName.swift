package import InterlockJSON
package import InterlockModel

/// The owner of the key from which the keys of payloads are derived. Destroying that key erases all of them.
package enum PayloadOwner: Hashable, Sendable {
    case run(RunID)
    /// The owner of records outside any run.
    case day(CivilDate)

    /// The day of the bucket that contains the key. The id of a run contains the start time of the run.
    package var day: CivilDate {
        switch self {
        case .run(let run): run.day
        case .day(let date): date
        }
    }

    /// The text form: the run's id, or `day:<date>`.
    package var text: String {
        switch self {
        case .run(let run): run.text
        case .day(let date): "day:" + date.text
        }
    }

    package init?(_ text: String) {
        if text.hasPrefix("day:") {
            guard let date = CivilDate(String(text.dropFirst(4))) else { return nil }
            self = .day(date)
        } else {
            guard let run = RunID(text) else { return nil }
            self = .run(run)
        }
    }
}

/// The name for which a payload's key is derived. No two payloads of a log share a name. Only this type constructs
/// names, from the fields of the record, for writer and reader alike.
///
/// The scope is the call, else the run, else the day. A call has one payload per field, except that an approval request
/// may be issued again. Otherwise the field's name is extended by the epoch of a halt or by the record's `seal`, an id
/// that is fresh for each record.
package struct PayloadName: Hashable, Sendable {
    package let owner: PayloadOwner
    package let scope: String
    package let field: String

    /// The field of an id that is fresh for each record that needs it. Its time also determines the day of a record
    /// outside a run.
    package static let sealField = "seal"

    package init(owner: PayloadOwner, scope: String, field: String) {
        self.owner = owner
        self.scope = scope
        self.field = field
    }

    /// - Parameter fields: the record's own fields; only those that every leaf contains are used.
    /// - Returns: nil if the fields do not determine the name of the payload.
    package init?(_ field: String, run: RunID?, fields: JSONObject) {
        let seal = fields[Self.sealField]?.string.flatMap { SealID($0) }
        if let run {
            owner = .run(run)
            scope = fields["call"]?.string ?? run.text
        } else {
            guard let seal else { return nil }
            owner = .day(seal.day)
            scope = owner.text
        }
        guard let name = Self.fieldName(field, inCall: run != nil && fields["call"] != nil, fields)
        else { return nil }
        self.field = name
    }

    /// Returns true if a record with such a payload needs a `seal`.
    package static func needsSeal(_ field: String, run: RunID?, fields: JSONObject) -> Bool {
        run == nil || fieldName(field, inCall: fields["call"] != nil, fields) == nil
    }

    /// The info of HKDF.
    package var info: [UInt8] {
        var info: [UInt8] = []
        info.reserveCapacity(PayloadForm.keyMark.count + scope.utf8.count + field.utf8.count + 3)
        info += PayloadForm.keyMark
        info.append(0x00)
        info += scope.utf8
        info.append(0x00)
        info += field.utf8
        return info
    }

    private static func fieldName(
        _ field: String, inCall: Bool, _ fields: JSONObject
    ) -> String? {
        switch field {
        case "why":
            if let epoch = fields["kep"]?.integer { return "why.\(epoch)" }
        case "proof" where inCall:
            // A rejection ends its request, so it has no number.
            return "proof.\(fields["i"]?.integer ?? 0)" + revision(fields)
        // A new policy may require several people again.
        case "order" where inCall: return "order" + revision(fields)
        case "answers" where inCall: return "answers.\(fields["round"]?.integer ?? 0)"
        // The decision about each round of answers; that of a denial at release has no round.
        case "again" where inCall:
            return fields["round"]?.integer.map { "again.\($0)" } ?? field
        case "bind" where inCall: return "bind" + revision(fields)
        default: if inCall { return field }
        }
        return fields[sealField]?.string.map { field + "." + $0 }
    }

    /// Votes on a request that was issued again are counted from one again.
    private static func revision(_ fields: JSONObject) -> String {
        guard let revision = fields["rev"]?.integer, revision > 1 else { return "" }
        return ".r\(revision)"
    }
}

package enum SealTag {}
/// The id that distinguishes the payload of a record whose other fields do not.
package typealias SealID = Identifier<SealTag>

extension StoredRecord {
    /// Returns the name for which the key of this record's payload is derived.
    package func payloadName(_ field: String) -> PayloadName? {
        if let run = text("run") {
            // A record outside a chain may name the run that it concerns.
            guard object["rs"] != nil else {
                return PayloadName(field, run: nil, fields: object)
            }
            guard let run = RunID(run) else { return nil }
            return PayloadName(field, run: run, fields: object)
        }
        return PayloadName(field, run: nil, fields: object)
    }
}
