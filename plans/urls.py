from django.urls import path

from plans.views import (
    accesses,
    accounts,
    archives,
    attachments,
    comparisons,
    congresses,
    deadlines,
    derivations,
    exports,
    guidance,
    moves,
    openings,
    outcomes,
    people,
    people_import,
    pilots,
    preparing,
    reviews,
    rights,
    search,
    submissions,
    trial,
)

app_name = "plans"
urlpatterns = [
    path("tim-kiem/", search.search, name="search"),
    path("tep/<uuid:key>/", attachments.attachment, name="attachment"),
    path("tep/<uuid:key>/rut/", attachments.withdraw, name="withdraw"),
    path("tep/gui/<int:page_id>/", attachments.attach, name="attach"),
    path("ho-so/<int:page_id>/luot-xem/", accesses.accesses, name="accesses"),
    path("ho-so/<int:page_id>/tai-ve.zip", exports.whole, name="dossier_zip"),
    path("ho-so/<int:page_id>/tai-ve.pdf", exports.joined, name="dossier_pdf"),
    path("ho-so/<int:page_id>/goi/", archives.ask, name="ask_archive"),
    path("goi/<uuid:key>/", archives.archive, name="archive"),
    path("goi/<uuid:key>/tai-ve/", archives.fetch, name="fetch_archive"),
    path("ho-so/<int:page_id>/trinh/", submissions.submit, name="submit"),
    path("ho-so/<int:page_id>/thoi-han/", submissions.terms, name="terms"),
    path("ho-so/<int:page_id>/thay-doi/", comparisons.changes, name="changes"),
    path("giay-to/<int:item_id>/mau.docx", exports.form, name="model_form"),
    path("giay-to/<int:item_id>/khong-co/", attachments.leave_out, name="leave_out"),
    path(
        "giay-to/<int:item_id>/cap-uy/", submissions.party_record, name="party_record"
    ),
    path("dai-hoi/<int:page_id>/lich.ics", congresses.calendar, name="calendar"),
    path("dai-hoi/<int:page_id>/chuong-trinh/", congresses.programme, name="programme"),
    path(
        "dai-hoi/<int:page_id>/so-lieu-dai-bieu/",
        congresses.delegates,
        name="delegates",
    ),
    path(
        "dai-hoi/<int:page_id>/sua/thoi-gian/",
        preparing.DaysView.as_view(),
        name="set_days",
    ),
    path(
        "dai-hoi/<int:page_id>/sua/chuong-trinh/",
        preparing.ProgrammeView.as_view(),
        name="set_programme",
    ),
    path(
        "dai-hoi/<int:page_id>/sua/khach-moi/",
        preparing.GuestsView.as_view(),
        name="set_guests",
    ),
    path(
        "dai-hoi/<int:page_id>/sua/dai-bieu/",
        preparing.DelegatesView.as_view(),
        name="set_delegates",
    ),
    path("duyet/", reviews.desk, name="review_desk"),
    path("duyet/<int:submission_id>/", reviews.submission, name="submission"),
    path("duyet/<int:submission_id>/rut/", submissions.withdraw, name="take_back"),
    path("duyet/buoc/<int:step_id>/", reviews.decide, name="decide"),
    path("duyet/buoc/<int:step_id>/giao/", reviews.assign, name="assign"),
    path("duyet/buoc/<int:step_id>/duyet-thay/", reviews.take_over, name="take_over"),
    path(
        "so-sanh/<uuid:old_key>/<uuid:new_key>/", comparisons.compared, name="compared"
    ),
    path("huong-dan/<int:page_id>/da-doc/", guidance.acknowledge, name="acknowledge"),
    path("huong-dan/<int:page_id>/ai-da-doc/", guidance.readers, name="readers"),
    path(
        "huong-dan/<int:page_id>/thu-hoi/", guidance.withdraw, name="withdraw_guidance"
    ),
    path("don-vi/sap-nhap/", moves.move_units, name="move_units"),
    path("can-bo/", people.units, name="people"),
    path("can-bo/<int:unit_id>/", people.unit_people, name="unit_people"),
    path("can-bo/<int:unit_id>/them/", people.add, name="add_person"),
    path("can-bo/vai-tro/<int:membership_id>/", people.membership, name="membership"),
    path("can-bo/vai-tro/<int:membership_id>/thoi/", people.end, name="end_membership"),
    path("can-bo/nguoi/<int:person_id>/", accounts.person, name="person"),
    path("can-bo/nguoi/<int:person_id>/moi/", accounts.invite, name="invite"),
    path("can-bo/nguoi/<int:person_id>/dong/", accounts.close, name="close_account"),
    path("can-bo/nguoi/<int:person_id>/mo/", accounts.reopen, name="open_account"),
    path("can-bo/nhap/", people_import.import_list, name="import_people"),
    path("can-bo/nhap/mau.xlsx", people_import.table, name="people_table"),
    path(
        "moi/<str:uidb64>/<str:token>/",
        accounts.InvitationView.as_view(),
        name="invitation",
    ),
    path("quyen/<int:page_id>/", rights.rights, name="rights"),
    path("quyen/<int:page_id>/giao/", rights.give, name="give_right"),
    path("quyen/<int:page_id>/xem-thu/<int:user_id>/", trial.try_page, name="try_page"),
    path(
        "quyen/<int:page_id>/<slug:kind>/<int:holder_id>/",
        rights.holder,
        name="right_holder",
    ),
    path("chon-diem/<int:plan_id>/<int:unit_id>/", pilots.choose, name="choose_pilot"),
    path("thoi-han/", deadlines.due, name="deadlines"),
    path(
        "dai-hoi/<int:page_id>/rut-kinh-nghiem/", outcomes.lessons, name="write_lessons"
    ),
    path("dai-hoi/<int:page_id>/bao-cao/", outcomes.report, name="write_report"),
    path("bao-cao/<int:page_id>/tiep-nhan/", outcomes.receive, name="receive_report"),
    path("ke-hoach/<int:page_id>/bao-cao/", outcomes.of_plan, name="outcomes"),
    path(
        "ke-hoach/<int:page_id>/mo-dai-hoi/", openings.remaining, name="open_remaining"
    ),
    path("ke-hoach/<int:page_id>/cu-the-hoa/", derivations.derive, name="derive_plan"),
    path("ke-hoach/<int:page_id>/cap-duoi/", derivations.of_units, name="own_plans"),
    path("ke-hoach/<int:page_id>/doi-chieu/", derivations.compare, name="beside"),
    path(
        "ke-hoach/<int:page_id>/bao-cao-cap-uy/",
        derivations.party_report,
        name="party_report",
    ),
]
