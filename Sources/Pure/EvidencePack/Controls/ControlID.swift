/// The controls of an evidence pack, in their order (docs/specs/evidence.md, section 3). An id never changes.
package enum ControlID: String, Sendable, Hashable, CaseIterable {
    case c01 = "C01"
    case c02 = "C02"
    case c03 = "C03"
    case c04 = "C04"
    case c05 = "C05"
    case c06 = "C06"
    case c07 = "C07"
    case c08 = "C08"
    case c09 = "C09"
    case c10 = "C10"
    case c11 = "C11"
    case c12 = "C12"
    case c13 = "C13"
    case c14 = "C14"
    case c15 = "C15"
    case c16 = "C16"
    case c17 = "C17"
    case c18 = "C18"
    case c19 = "C19"
    case c20 = "C20"
    case c21 = "C21"
    case c22 = "C22"
    case c23 = "C23"
    case c24 = "C24"
}

/// The columns of the view of four, each of which a control belongs to.
package enum ControlColumn: String, Sendable, Hashable, CaseIterable {
    case leastPrivilege = "least privilege"
    case secretHygiene = "secret hygiene"
    case changeReview = "change review"
    case audit
}
