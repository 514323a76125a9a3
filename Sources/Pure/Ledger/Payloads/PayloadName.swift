package import InterlockJSON
package import InterlockModel

/// Whose key the keys of payloads are derived from; destroying it erases them all.
package enum PayloadOwner: Hashable, Sendable {
    case run(RunID)
    /// Records outside any run.
    case day(CivilDate)

    /// The bucket that keeps the key: a run's id says when the run began.
    package var day: CivilDate {
        switch self {
        case .run(let run): run.day
        case .day(let date): date
        }
    }

    /// The run's id, or `day:<date>`.
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

/// What one payload's key is derived for. No two payloads of a log share a name: writer and reader both
/// make it from the record's fields, here and nowhere else.
///
/// The scope is the call, else the run, else the day. A call has one payload of each field, except that
/// a request for approval may be issued again. Elsewhere the field's name goes on with the epoch of a
/// halt or with the record's `seal`, an id that is fresh for each record.
package struct PayloadName: Hashable, Sendable {
    package let owner: PayloadOwner
    package let scope: String
    package let field: String

    /// Fresh for each record that needs it; its time also names the day of a record outside a run.
    package static let sealField = "seal"

    package init(owner: PayloadOwner, scope: String, field: String) {
        self.owner = owner
        self.scope = scope
        self.field = field
    }

    /// - Parameter fields: the record's own; of those only what is written in every leaf is looked at.
    /// - Returns: nil when the record does not say what its payload is called.
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

    /// Whether a record with such a payload needs a `seal`.
    package static func needsSeal(_ field: String, run: RunID?, fields: JSONObject) -> Bool {
        run == nil || fieldName(field, inCall: fields["call"] != nil, fields) == nil
    }

    /// HKDF's info.
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
            // A rejection ends its request; it has no number.
            return "proof.\(fields["i"]?.integer ?? 0)" + revision(fields)
        // A new policy may ask for several people again.
        case "order" where inCall: return "order" + revision(fields)
        case "answers" where inCall: return "answers.\(fields["round"]?.integer ?? 0)"
        case "bind" where inCall: return "bind" + revision(fields)
        default: if inCall { return field }
        }
        return fields[sealField]?.string.map { field + "." + $0 }
    }

    /// Votes on a request that was issued again count from one again.
    private static func revision(_ fields: JSONObject) -> String {
        guard let revision = fields["rev"]?.integer, revision > 1 else { return "" }
        return ".r\(revision)"
    }
}

package enum SealTag {}
/// Names the sealing of a record whose fields alone would not.
package typealias SealID = Identifier<SealTag>

extension StoredRecord {
    /// What the key of this record's payload is derived for.
    package func payloadName(_ field: String) -> PayloadName? {
        if let run = text("run") {
            // Outside a chain a record may name the run that it is about.
            guard object["rs"] != nil else {
                return PayloadName(field, run: nil, fields: object)
            }
            guard let run = RunID(run) else { return nil }
            return PayloadName(field, run: run, fields: object)
        }
        return PayloadName(field, run: nil, fields: object)
    }
}
