export interface CreditorTables {
  tenant: { ente_id: number; slug: string };
  ente: {
    ente_id: number;
    name: string;
    kind: string;
    codice_fiscale: string;
    codice_ipa: string;
    website: string;
    sender_address: string;
    accent: string | null;
    patron_day: string | null;
    segregation_code: string | null;
    generates_notice_numbers: boolean;
  };
  office: {
    ente_id: number;
    office_id: number;
    name: string;
    phone: string;
    email: string;
    hours: string;
    address: string;
    procedure_officer: string;
    self_review_body: string;
  };
  credit_type: {
    ente_id: number;
    code: string;
    name: string;
    nature: string;
    health: boolean;
    purpose_group: string;
    office_id: number;
    explanation: string;
  };
  statute_rule: {
    key: string;
    nature: string;
    valid_from: string;
    valid_to: string | null;
    value: unknown;
    legal_basis: string;
    mark: string;
  };
  ente_rule: {
    ente_id: number;
    key: string;
    credit_type: string;
    valid_from: string;
    valid_to: string | null;
    value: unknown;
    legal_basis: string;
  };
  calendar_window: { ente_id: number; channel: string; opens_at: number; closes_at: number };
}
